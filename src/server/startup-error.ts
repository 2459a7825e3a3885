import type { ServerConfig } from '../config/settings.js';
import { ConfigError } from '../errors.js';

const unknownName = ({ host }: ServerConfig) =>
  `${host} is no name that can be resolved: set HOST to an address, or to 0.0.0.0 for all`;

/** What keeps a server from listening, and what to do about it. */
const REMEDIES: Record<string, (config: ServerConfig) => string> = {
  ENOTFOUND: unknownName,
  EAI_AGAIN: unknownName,
  EADDRINUSE: ({ host, port }) => `port ${port} on ${host} is taken: stop what listens there or set PORT to another`,
  EACCES: ({ port }) => `port ${port} needs CAP_NET_BIND_SERVICE: grant it, or set PORT to 1024 or above`,
  EADDRNOTAVAIL: ({ host }) =>
    `${host} is no address of this machine: set HOST to one of its own, or to 0.0.0.0 for all`,
};

/** Why the server did not start, for who starts it; `config` is undefined when not even the settings could be read. */
export function explain(error: unknown, config: ServerConfig | undefined): string {
  const { code = '', syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof ConfigError || config === undefined) {
    return message;
  }
  const remedy = syscall === 'listen' || syscall === 'getaddrinfo' ? REMEDIES[code] : undefined;
  return remedy?.(config) ?? `cannot start on ${config.host}:${config.port}: ${message}`;
}
