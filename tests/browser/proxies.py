"""nginx before a server: below a prefix, with TLS, under another name."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from browser.nginx import find_nginx
from browser.servers import HOST, free_port, wait_for_port
from browser.sites import Site

# One process, all of whose files are in the folder that it is started in.
CONFIGURATION = """\
daemon off;
master_process off;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    proxy_http_version 1.1;
    server {
        listen %(host)s:%(port)d%(ssl)s;
        %(certificate)s
        location %(prefix)s/ {
            proxy_pass http://%(host)s:%(upstream)d/;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $http_connection;
            %(headers)s
        }
    }
}
"""
CERTIFICATE = "ssl_certificate server.pem; ssl_certificate_key server.key;"
KEEP_HOST = "proxy_set_header Host $http_host;"


@dataclass(frozen=True)
class Proxying:
    """What an nginx does with requests."""

    prefix: str = ""
    tls: bool = False
    headers: str = KEEP_HOST


@dataclass(frozen=True)
class ProxiedSite(Site):
    """A site with an nginx before it."""

    address: str

    @property
    def url(self) -> str:
        """Return the address of the front page."""
        return self.address


@dataclass
class Nginx:
    """A running nginx; its files are in *folder*."""

    folder: Path
    port: int = field(default=0, init=False)
    _process: subprocess.Popen[bytes] | None = None

    def start(self, site: Site, proxying: Proxying) -> ProxiedSite:
        """Stand before *site*; return it as it is seen from here."""
        self.folder.mkdir()
        self.port = free_port()
        if proxying.tls:
            self._write_certificate()
        (self.folder / "nginx.conf").write_text(self._configuration(site.server.port, proxying))
        command = [find_nginx(), "-p", str(self.folder), "-c", "nginx.conf", "-e", "error.log"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        wait_for_port(self.port, self._process)
        scheme = "https" if proxying.tls else "http"
        return ProxiedSite(site.project, site.server, f"{scheme}://{HOST}:{self.port}{proxying.prefix}/")

    def stop(self) -> None:
        """End it."""
        if self._process:
            self._process.terminate()
            self._process.wait()

    def errors(self) -> str:
        """Return what it has told of errors."""
        log = self.folder / "error.log"
        return log.read_text() if log.exists() else ""

    def _configuration(self, upstream: int, proxying: Proxying) -> str:
        return CONFIGURATION % {
            "host": HOST,
            "port": self.port,
            "ssl": " ssl" if proxying.tls else "",
            "certificate": CERTIFICATE if proxying.tls else "",
            "prefix": proxying.prefix,
            "upstream": upstream,
            "headers": proxying.headers,
        }

    def _write_certificate(self) -> None:
        certificate = trustme.CA().issue_cert(HOST)
        certificate.private_key_pem.write_to_path(self.folder / "server.key")
        certificate.cert_chain_pems[0].write_to_path(self.folder / "server.pem")
