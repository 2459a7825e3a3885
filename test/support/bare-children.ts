// Loaded before every test. The test runner puts hooks into whatever a test starts, to record what it loads; a server then
// takes twice as long to start, and nobody reads the record.
const spawning: { unwrap(): void } = Reflect.get(globalThis, Symbol.for('process-on-spawn@*:singletonId'));
spawning.unwrap();
delete process.env.NODE_OPTIONS;
