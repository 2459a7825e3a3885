import type { Static, TLiteral, TObject } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { NameOf } from '../access/settings.js';
import { ConfigError } from '../errors.js';
import { problemOfSettings } from './problems.js';
import type { HubConfig } from './settings.js';

/**
 * Settings completed with their defaults and checked.
 * @param nameOf how a setting is called where it came from, for the message
 * @throws ConfigError for the first bad value
 */
export function resolveConfig<T extends TObject>(
  schema: T,
  settings: Record<string, unknown>,
  nameOf: NameOf = (key) => key,
): Static<T> {
  const config = Value.Default(schema, { ...settings });
  const [error] = Value.Errors(schema, config);
  if (error !== undefined) {
    const [, key = ''] = error.path.split('/');
    const value = schema.properties[key]?.writeOnly ? 'not' : JSON.stringify(error.value);
    throw new ConfigError(`${nameOf(key)}: ${describe(schema, key)}, but it is ${value}`);
  }
  refuse(problemOfSettings(settings, config as HubConfig, nameOf));
  return config as Static<T>;
}

/** @throws ConfigError when there is a problem */
export function refuse(problem: string | undefined): void {
  if (problem !== undefined) {
    throw new ConfigError(problem);
  }
}

const oneOf = new Intl.ListFormat('en', { type: 'disjunction' });

function describe(schema: TObject, key: string): string {
  const property = schema.properties[key];
  if (property === undefined) {
    return 'no such setting';
  }
  const { type, anyOf, minimum, maximum, description } = property;
  const options = type === 'boolean' ? ['true', 'false'] : anyOf?.map((option: TLiteral) => option.const);
  const kind = options === undefined ? type : oneOf.format(options);
  const range =
    minimum === undefined ? '' : maximum === undefined ? ` of at least ${minimum}` : ` from ${minimum} to ${maximum}`;
  return `${description}: must be ${kind}${range}`;
}
