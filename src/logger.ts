/** What lines of the server's own log are written to; pino's loggers are, and so those of a Fastify host. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
}
