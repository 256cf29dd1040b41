"""Values of a spec that would execute or read something: `validate` refuses them."""

from __future__ import annotations

import pytest

from mergeline.specs.address import unsafe_address

REFUSED = {
    "reference://data.csv::https://example.com/refs.json": "chains",
    "zip://x.csv::http://example.com/x.zip": "chains",
    "simplecache::https://example.com/x.csv": "chains",
    "filecache::s3://bucket/x.csv": "chains",
    "s3://bucket/x::zip://y.csv": "chains",
    "https://example.com/x::y.csv": "chains",
    "https://[::1/x::y]/z.csv": "no host",
    "dir://x.csv::file:///etc": "chains",
    "reference://x.csv": "scheme",
    "zip://x.csv": "scheme",
    "tar://x.csv": "scheme",
    "libarchive://x.csv": "scheme",
    "dir://x.csv": "scheme",
    "memory://x.csv": "scheme",
    "local:///proc/self/environ": "scheme",
    "github://org:repo@main/x.csv": "scheme",
    "git://x.csv": "scheme",
    "ftp://example.com/x.csv": "scheme",
    "sftp://example.com/x.csv": "scheme",
    "ssh://localhost/etc/passwd": "scheme",
    "smb://host/share/x.csv": "scheme",
    "hdfs://host/x.csv": "scheme",
    "webhdfs://host/x.csv": "scheme",
    "jupyter://host/x.csv": "scheme",
    "dask://x.csv": "scheme",
    "dbfs://x.csv": "scheme",
    "lakefs://loans/main/x.csv": "scheme",
    "hf://datasets/x.csv": "scheme",
    "data:,x": "scheme",
    "S3://bucket/x.csv": "scheme",
    "file:///etc/passwd": "not a table",
    "file:///proc/self/environ": "not a table",
    "file:///root/.aws/loans.csv": "hidden",
    "file:///srv/repo/.mergeline/cache/1/data.parquet": "hidden",
    "file://loans.csv": "absolute",
    "file://~/loans.csv": "absolute",
    "http://169.254.169.254/latest/x.csv": "serves the machine",
    "http://[::ffff:169.254.169.254]/x.csv": "serves the machine",
    "http://[fd00:ec2::254]/x.csv": "serves the machine",
    "http://100.100.100.200/x.csv": "serves the machine",
    "http://metadata.google.internal/x.csv": "serves the machine",
    "http://Metadata.Google.Internal./x.csv": "serves the machine",
    "http://0.0.0.0/x.csv": "serves the machine",
    "http://127.1/x.csv": "not written as an IP address",
    "http://0x7f000001/x.csv": "not written as an IP address",
    "http://2852039166/x.csv": "not written as an IP address",
    "http://0251.0376.0251.0376/x.csv": "not written as an IP address",
    "http:///x.csv": "no host",
    "https://example.com\\@169.254.169.254/x.csv": "no host",
}
ALLOWED = (
    "s3://acme-data/loans/2026-01.parquet",
    "gs://acme-data/loans.csv",
    "abfs://loans@acme.dfs.core.windows.net/1.csv?snapshot=2026",
    "https://example.com/loans.csv",
    "https://[2606:4700:4700::1111]/loans.csv",
    "http://10.0.0.7:9000/loans.csv",
    "file:///srv/data/loans.csv",
)


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_of_one_file(address):
    unsafe = unsafe_address(address)
    assert unsafe is not None
    assert REFUSED[address] in unsafe[0]


@pytest.mark.parametrize("address", ALLOWED)
def test_an_address_that_is(address):
    assert unsafe_address(address) is None
