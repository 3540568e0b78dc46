/** Preloaded where port 443 cannot be bound: leads connections to the hosts of MILLRACE_HOSTS to the port that is there. TLS still checks the names. */
const net = require('node:net');

const { host, port, names } = JSON.parse(process.env.MILLRACE_HOSTS);
const hosts = new Set(names);
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof options === 'object' && hosts.has(options.host ?? options.hostname)) Object.assign(options, { host, hostname: host, port });
  return connect.apply(this, args);
};
