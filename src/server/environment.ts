import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { problemOfExposure } from '../access/exposure.js';
import { isLoopbackName } from '../access/loopback.js';
import { hasKeys } from '../access/settings.js';
import { refuse, resolveConfig } from '../config/resolve.js';
import { type ServerConfig, serverSchema } from '../config/settings.js';
import { ConfigError } from '../errors.js';

/** Files that connections leave to the server itself: the log, logs, the listening socket, files of the dashboard. */
const OWN_FILES = 64;
/** Files that event streams leave to it and to all other requests. */
const RESERVED_FILES = 200;
/** Embedded, the host decides what is too much. */
const PUBLISH_RATE = 1000;

/** Reads `.env` of the working directory into the environment, where there is one; what is already set wins. */
export function readEnvFile(env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(parseEnv(withoutMark(readIfThere('.env'))))) {
    env[name] ??= value;
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return '';
    }
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Editors of Windows begin a file with a byte order mark, which would belong to the first name. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

/** A name that is almost that of a setting. */
export interface Slip {
  readonly name: string;
  readonly meant: string;
}

/** Such names in the environment, so that none goes unnoticed. */
export function slipsIn(env: NodeJS.ProcessEnv): Slip[] {
  const settings = Object.keys(serverSchema.properties).map(variableOf);
  const byShape = new Map(settings.map((name) => [shapeOf(name), name]));
  return Object.keys(env)
    .filter((name) => !settings.includes(name))
    .flatMap((name) => {
      const meant = byShape.get(shapeOf(name));
      return meant === undefined ? [] : [{ name, meant }];
    });
}

/** What is left of a name without what is most often mistaken: case, underscores, plurals, doubled letters. */
function shapeOf(name: string): string {
  return name
    .toUpperCase()
    .replace(/[_S]/g, '')
    .replace(/(.)\1+/g, '$1');
}

/**
 * The standalone server's settings from environment variables.
 * @throws ConfigError naming the first variable with a bad value
 */
export function readEnvironment(env: NodeJS.ProcessEnv): ServerConfig {
  const settings: Record<string, unknown> = {};
  for (const key of Object.keys(serverSchema.properties)) {
    const text = env[variableOf(key)];
    if (text !== undefined && text !== '') {
      settings[key] = convert(serverSchema.properties[key as keyof ServerConfig], text);
    }
  }
  settings.log ??= 'disk';
  settings.maxConnections ??= Math.max(1, openFileLimit() - RESERVED_FILES);
  settings.publishRate ??= PUBLISH_RATE;
  settings.auth ??= hasKeys(settings) ? 'on' : 'local';
  const config = resolveConfig(serverSchema, settings, variableOf);
  refuse(problemOfExposure(config));
  return 'demo' in settings ? config : { ...config, demo: isFirstTry(config, env) };
}

/** The demo is for a first try on one's own machine, so it needs a word to run anywhere else. */
function isFirstTry({ host, auth }: ServerConfig, env: NodeJS.ProcessEnv): boolean {
  return isLoopbackName(host) && auth !== 'on' && env.NODE_ENV !== 'production';
}

/** `maxEventBytes`: `MAX_EVENT_BYTES`. */
export function variableOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** Left to TypeBox, an integer of `1e6` would be 1 and one of `2.5` would be 2; as text they are refused. */
function convert(schema: TSchema, text: string): unknown {
  if (schema.type !== 'integer') {
    return Value.Convert(schema, text);
  }
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

/** Connections that the limit of open files allows. */
export function mostSockets(): number {
  return Math.max(1, openFileLimit() - OWN_FILES);
}

function openFileLimit(): number {
  const report = process.report.getReport() as unknown as { userLimits: { open_files: { soft: number | string } } };
  const { soft } = report.userLimits.open_files;
  return typeof soft === 'number' ? soft : Number.MAX_SAFE_INTEGER;
}
