// What Node's own resolver makes of answers, as one line of facts: asked one after the other.
//   node resolver.js PORT NAME TIMES
'use strict';
const dns = require('dns');

const [port, name, times] = process.argv.slice(2);
const resolver = new dns.Resolver({ timeout: 1000, tries: 1 });
const answers = [];

function ask(left) {
	if (left === 0) {
		console.log(`answers=${answers.join(',')}`);
		return;
	}
	resolver.resolve4(name, { ttl: true }, (error, found) => {
		answers.push(error ? error.code : found.map((each) => `${each.address}/${each.ttl}`).join('+'));
		ask(left - 1);
	});
}

resolver.setServers([`127.0.0.1:${port}`]);
ask(Number(times));
