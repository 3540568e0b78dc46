"""A whole OpenStack Swift with the S3 API in one process, for tests: proxy, account, container and object server on loopback ports.

    s3-server.py FOLDER ADDRESS ACCESS_KEY SECRET_KEY

Keeps rings, configuration and objects under FOLDER, serves S3 at ADDRESS on a free port and says `ready PORT` once it listens.
Ends when its standard input does, so that it does not outlive who started it. The servers are the ones that Debian packages, with the
server loop of swift.common.wsgi.run_server; one process starts faster than four.
"""
import logging
import os
import sys

from swift.common import utils

utils.eventlet_monkey_patch()

import eventlet
from eventlet import wsgi
from swift.common.ring import RingBuilder
from swift.common.http_protocol import SwiftHttpProtocol
from swift.common.wsgi import RestrictedGreenPool, loadapp

folder, address, access_key, secret_key = sys.argv[1:]
device = 'd1'
KINDS = ('account', 'container', 'object')

PROXY = 'catch_errors gatekeeper listing_formats s3api tempauth copy bulk slo proxy-server'
FILTERS = PROXY.split()[:-1]


def configuration(kind):
    pipeline = PROXY if kind == 'proxy' else kind + '-server'
    lines = ['[DEFAULT]', 'swift_dir = ' + folder, 'devices = ' + os.path.join(folder, 'srv'), 'mount_check = false',
             'disable_fallocate = true', 'fallocate_reserve = 0', 'log_level = WARNING',
             '[pipeline:main]', 'pipeline = ' + pipeline, '[app:%s-server]' % kind, 'use = egg:swift#' + kind]
    if kind == 'proxy':
        lines += ['account_autocreate = true']
        for name in FILTERS:
            lines += ['[filter:%s]' % name, 'use = egg:swift#' + name]
            if name == 's3api':
                lines += ['location = us-east-1']
            if name == 'tempauth':
                # An access key is <account>:<user>; the user owns the account.
                lines += ['user_%s = %s .admin' % (access_key.replace(':', '_'), secret_key)]
    file = os.path.join(folder, kind + '.conf')
    with open(file, 'w') as out:
        out.write('\n'.join(lines) + '\n')
    os.chmod(file, 0o600)
    return file


def write_ring(kind, port):
    builder = RingBuilder(1, 1, 1)
    builder.add_dev({'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': port, 'device': device, 'weight': 1.0,
                     'replication_ip': '127.0.0.1', 'replication_port': port, 'meta': ''})
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, kind + '.ring.gz'))


class NoCache:
    """Takes the place of memcached: the proxy works without what it would remember, but insists that there is one."""

    def get(self, *_, **__):
        return None

    set = delete = incr = decr = get


def with_cache(app):
    def handle(env, start_response):
        env['swift.cache'] = NoCache()
        return app(env, start_response)
    return handle


def serve(kind, sock):
    app = with_cache(loadapp(configuration(kind), global_conf={'log_name': kind}))
    # The AWS SDK wants ETag, not Etag.
    eventlet.spawn(wsgi.server, sock, app, logging.getLogger("quiet"), custom_pool=RestrictedGreenPool(size=1024),
                   protocol=SwiftHttpProtocol, socket_timeout=60.0, capitalize_response_headers=False, log_output=False)


os.environ['TZ'] = 'UTC+0'
os.makedirs(os.path.join(folder, 'srv', device), exist_ok=True)
try:
    os.setxattr(folder, 'user.millrace', b'x' * 1000)
except OSError as error:
    sys.exit('Swift keeps what it knows of an object in extended attributes, which the file system of %s refuses: %s' % (folder, error))
sockets = {kind: eventlet.listen(('127.0.0.1', 0)) for kind in KINDS}
for kind, sock in sockets.items():
    write_ring(kind, sock.getsockname()[1])
sockets['proxy'] = eventlet.listen((address, 0))
for kind, sock in sockets.items():
    serve(kind, sock)
print('ready', sockets['proxy'].getsockname()[1], flush=True)

stdin = eventlet.greenio.GreenPipe(os.dup(0), 'rb')
stdin.read()
os._exit(0)
