/**
 * What generated clients call the operations. The routes' schemas do not have them: a host's own description, which lists
 * them too, may use the same names, and each may stand in a description once.
 */
export const OPERATION_IDS: Readonly<Record<string, string>> = {
  'GET /': 'getInfo',
  'GET /events': 'watchStreams',
  'HEAD /events': 'probeStreams',
  'POST /events': 'publishBatch',
  'GET /livez': 'getLiveness',
  'GET /metrics': 'getMetrics',
  'POST /notify': 'notify',
  'GET /readyz': 'getReadiness',
  'GET /session': 'getSession',
  'POST /session': 'signIn',
  'DELETE /session': 'signOut',
  'GET /sse/{id}': 'watchStream',
  'HEAD /sse/{id}': 'probeStream',
  'POST /sse/{id}': 'publish',
  'DELETE /sse/{id}': 'purgeStream',
  'GET /stream': 'watchTimeAndUserAction',
  'HEAD /stream': 'probeTimeAndUserAction',
  'GET /streams': 'listStreams',
  'PUT /tasks/{id}': 'reportTask',
};
