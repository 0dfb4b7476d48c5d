// V8 of Node 24 and 26 reads an escaped member name as another one that begins like its source text, where it has met an
// object of that form before (nodejs/node#63785): after {"h":0,"\\":0}, {"h":0,"\n":0} has a member "\" and none "\n".
import { parseJson } from '../src/encoding/parse-json.js';

const namesOf = (text: string): string[] =>
  Object.keys(parseJson(Buffer.from(text), 'json', 'ERR_MANDATE_MALFORMED', 32).value as object);

/** The names of an object whose second one is spelt with an escape, after another object that a stranger may send. */
export function namesAfter(theirs: string, ours: string): string[] {
  namesOf(`{"misread":0,"${theirs}":0}`);
  return namesOf(`{"misread":0,"${ours}":0}`);
}
