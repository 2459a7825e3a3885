export { connect } from './connect.js';
export { PublishError, type PublishErrorCode, StreamError, type StreamErrorCode } from './errors.js';
export { type Published, type PublishOptions, publish } from './publish.js';
export type {
  AnyEvent,
  Connection,
  ConnectionState,
  ConnectOptions,
  Continuity,
  EventOf,
  Events,
  Expiring,
  Gap,
  GapReason,
  HeaderSource,
  Interruption,
  InterruptionCode,
  RequestOptions,
  Resume,
  Unsubscribe,
} from './types.js';
