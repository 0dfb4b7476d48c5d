// For a runtime with a command line. What it prints beside this line is a warning that a user would see.
import { run } from './automatic.js';

console.log(JSON.stringify(await run()));
