// For a runtime with a command line. Any other output is a warning that a user would see.
import { run } from './automatic.js';

console.log(JSON.stringify(await run()));
