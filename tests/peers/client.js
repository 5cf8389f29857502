// What Node's own HTTP client makes of a receiver's answers, as one line of facts: see README.md.
//   node client.js URL [requests=N]      over TLS it trusts received/ca.pem alone
'use strict';
const fs = require('fs');

const url = process.argv[2];
const secure = url.startsWith('https:');
const http = secure ? require('https') : require('http');
const options = Object.fromEntries(process.argv.slice(3).map((word) => word.split('=')));
const requests = Number(options.requests || 1);
const body = '{"id":"inv_123456","event":"invoice.paid"}';
const agent = new http.Agent({ keepAlive: true, maxSockets: 1,
	ca: secure ? fs.readFileSync('received/ca.pem') : undefined });
const facts = { status: '-', error: '-', interims: 0, trailers: 0, bytes: 0 };

function finish() {
	console.log(Object.entries(facts).map(([name, value]) => `${name}=${value}`).join(' '));
	process.exit(0);
}

function fail(error) {
	facts.error = error.code || error.message.replace(/ /g, '_');
	finish();
}

function post(left) {
	const request = http.request(url, { method: 'POST', agent,
		headers: { 'Content-Length': body.length } });

	request.on('information', () => facts.interims++);
	request.on('error', fail);
	request.on('response', (response) => {
		facts.status = response.statusCode;
		response.on('data', (data) => { facts.bytes += data.length; });
		response.on('error', fail);
		response.on('end', () => {
			facts.trailers = Object.keys(response.trailers).length;
			// The socket goes back to the agent in this turn: the next request takes it.
			setImmediate(() => (left > 1 ? post(left - 1) : finish()));
		});
	});
	request.end(body);
}

post(requests);
