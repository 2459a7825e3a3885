import AjvCompiler from '@fastify/ajv-compiler';
import type { FastifyInstance } from 'fastify';

/** A JSON schema, as far as our document uses them. */
export interface Schema {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'null' | 'array' | 'object';
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly not?: Schema;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

/** Validates the body of a reply; undefined when it is as documented. */
type Check = (body: unknown) => string | undefined;

/** One method of one path, and what it may answer: by status, then by media type. */
export interface Operation {
  readonly method: string;
  /** With `{id}` for a parameter. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly bodies: readonly { readonly mediaType: string; readonly schema: Schema }[];
  readonly replies: Readonly<Record<string, Readonly<Record<string, Check>>>>;
}

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const compile = AjvCompiler()({}, { customOptions: { coerceTypes: false, removeAdditional: false } });

/** Every operation that the app's own OpenAPI document describes. */
export async function readDocument(app: FastifyInstance): Promise<Operation[]> {
  const document = (await app.inject('/docs/json')).json<Document>();
  const paths = withSchemas(document.paths, document.components.schemas);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => toOperation(path, method.toUpperCase(), described)),
  );
}

/** The same with each named schema in the place of its name. */
function withSchemas<T>(part: T, schemas: Document['components']['schemas']): T {
  return JSON.parse(JSON.stringify(part), (_key, value) => {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(value?.$ref)?.[1];
    return name === undefined ? value : withSchemas(schemas[name], schemas);
  });
}

function toOperation(path: string, method: string, { parameters = [], requestBody, responses }: Described): Operation {
  const bodies = Object.entries(requestBody?.content ?? {}).map(([mediaType, { schema }]) => ({ mediaType, schema }));
  const replies = mapValues(responses, ({ content = {} }) => mapValues(content, ({ schema }) => checkOf(schema)));
  return { method, path, parameters, bodies, replies };
}

function checkOf(schema: Schema): Check {
  const validate = compile({ schema, method: '', url: '' } as Parameters<typeof compile>[0]);
  return (body) => (validate(body) === true ? undefined : JSON.stringify(validate.errors));
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
