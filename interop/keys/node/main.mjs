// Stock JOSE libraries of Node verify the ES256 signature of one mandate with keys from each document (README.md).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';

// They are not installed in the folder of this file.
const require = createRequire(`${process.argv[2]}/`);
const { createRemoteJWKSet, jwtVerify } = require('jose');
const jsonwebtoken = require('jsonwebtoken');
const jwksRsa = require('jwks-rsa');

const LIBRARIES = {
  jose: async (url, token) =>
    (await jwtVerify(token, createRemoteJWKSet(new URL(url)), { algorithms: ['ES256'] })).payload,
  'jwks-rsa': async (url, token) => {
    const { kid } = jsonwebtoken.decode(token, { complete: true }).header;
    const key = await jwksRsa({ jwksUri: url }).getSigningKey(kid);
    return jsonwebtoken.verify(token, key.getPublicKey(), { algorithms: ['ES256'] });
  },
};

async function tryOne(verify, url, token, subject) {
  try {
    const { sub } = await verify(url, token);
    return sub === subject ? null : 'verified other claims';
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const versionOf = (name) =>
  JSON.parse(readFileSync(`${process.argv[2]}/node_modules/${name}/package.json`, 'utf8')).version;

const { documents, token, subject } = await json(process.stdin);
for (const [library, verify] of Object.entries(LIBRARIES)) {
  for (const [document, url] of Object.entries(documents)) {
    const failure = await tryOne(verify, url, token, subject);
    console.log(JSON.stringify({ library, version: versionOf(library), document, failure }));
  }
}
