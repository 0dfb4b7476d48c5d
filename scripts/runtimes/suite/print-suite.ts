// For a runtime with a command line.
import { run } from './suite.js';

console.log(JSON.stringify(await run()));
