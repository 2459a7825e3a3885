/** Puts what was built in the place of what was there: a route or plugin left over from an earlier version would be loaded. */
import { renameSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
renameSync('dist.new', 'dist');
