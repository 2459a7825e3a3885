/** Methods that change nothing (RFC 9110 §9.2.1), of those that anything here answers. */
export const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
