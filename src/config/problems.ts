import { parseOrigins } from '../access/origins.js';
import { type NameOf, problemOfAccess } from '../access/settings.js';
import { parseSelection } from '../events/selection.js';
import type { HubConfig } from './settings.js';

/**
 * What is wrong with settings that the schema has nothing against, in one line.
 * @param given without defaults
 */
export function problemOfSettings(given: Partial<HubConfig>, config: HubConfig, nameOf: NameOf): string | undefined {
  const { authAnonymousSubscribe: patterns } = config;
  return (
    problemOfLog(given, nameOf) ??
    failureOf('defaultStreams', nameOf, () => parseSelection(config.defaultStreams)) ??
    failureOf('authAnonymousSubscribe', nameOf, () => patterns === '' || parseSelection(patterns)) ??
    failureOf('corsOrigin', nameOf, () => parseOrigins(config.corsOrigin)) ??
    problemOfCredentials(config, nameOf) ??
    problemOfAccess(config, nameOf)
  );
}

/** Whoever names a directory takes it that something is kept there. */
function problemOfLog({ log, dataDir }: Partial<HubConfig>, nameOf: NameOf): string | undefined {
  return dataDir !== undefined && log === undefined
    ? `${nameOf('dataDir')}: nothing would be kept there; set ${nameOf('log')} to disk, too`
    : undefined;
}

function failureOf(key: keyof HubConfig, nameOf: NameOf, parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return `${nameOf(key)}: ${(error as Error).message}`;
  }
}

/** With credentials every page that is let in acts in the name of whoever looks at it, so none comes in unnamed. */
function problemOfCredentials({ corsOrigin, corsCredentials }: HubConfig, nameOf: NameOf): string | undefined {
  const { all, named } = parseOrigins(corsOrigin);
  if (!corsCredentials || !(all || named.includes('null'))) {
    return undefined;
  }
  const open = all ? '*' : 'null';
  return `${nameOf('corsCredentials')}: ${nameOf('corsOrigin')} must name each origin then, but it has '${open}'`;
}
