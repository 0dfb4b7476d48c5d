import { createServer } from 'node:http';

const server = createServer((request, response) => {
  request.resume().on('end', () => response.end('accepted'));
});
await new Promise((resolve) => server.listen(8379, '127.0.0.1', () => resolve(undefined)));

const chain = 'x'.repeat(17_600); // as long as a chain of two tokens

const inHeader = await fetch('http://127.0.0.1:8379', { headers: { 'x-mandate': chain } });
console.log(inHeader.status); // 431

const inBody = await fetch('http://127.0.0.1:8379', { method: 'POST', body: chain });
console.log(inBody.status); // 200
server.close();
server.closeAllConnections();
