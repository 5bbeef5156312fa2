#!/usr/bin/env python3
"""Cuts Terraform's AWS provider, whose source is in the folder given, down to the services that the test uses: all of it takes hours to build.

Two generated files are changed. The list of service packages keeps the services named here. The client file then loses each method that
makes a client which no package that is still built calls, with its import. A pattern that is not found ends the script: the provider has
changed, and the result would be whole or broken."""

import pathlib
import re
import subprocess
import sys

KEEP = set("cloudwatch glue iam logs meta s3 s3control sfn sns ssm sts".split())
MODULE = "github.com/hashicorp/terraform-provider-aws/"
PACKAGES = "internal/provider/sdkv2/service_packages_gen.go"
CLIENTS = "internal/conns/awsclient_gen.go"


def cut(text, pattern, keep, what):
    """Removes the matches that keep does not want; there must be some of both."""
    kept, gone = 0, 0

    def one(m):
        nonlocal kept, gone
        if keep(m):
            kept += 1
            return m.group(0)
        gone += 1
        return ""

    text = re.sub(pattern, one, text, flags=re.S | re.M)
    if not kept or not gone:
        sys.exit(f"trim-provider: {what}: {kept} kept, {gone} removed; the provider's source is not as expected")
    print(f"{what}: {kept} kept, {gone} removed")
    return text


def built(root):
    """The folders of the provider's own packages that its program is made of."""
    out = subprocess.run(["go", "list", "-deps", "-f", "{{.ImportPath}} {{.Dir}}", "."], cwd=root, capture_output=True, text=True, check=True).stdout
    dirs = [line.split()[1] for line in out.splitlines() if line.startswith(MODULE)]
    if len(dirs) < 20:
        sys.exit(f"trim-provider: only {len(dirs)} packages of {MODULE} are built")
    return dirs


def main():
    root = pathlib.Path(sys.argv[1])
    packages, clients = root / PACKAGES, root / CLIENTS
    text = packages.read_text()
    text = cut(text, r'^\t"' + MODULE + r'internal/service/(\w+)"\n', lambda m: m[1] in KEEP, "imports of services")
    text = cut(text, r"^\t\t(\w+)\.ServicePackage\(ctx\),\n", lambda m: m[1] in KEEP, "services")
    packages.write_text(text)

    used = set()
    for folder in built(root):
        for file in pathlib.Path(folder).glob("*.go"):
            if not file.name.endswith("_test.go") and file != clients.resolve():
                used |= set(re.findall(r"\b[A-Z]\w*Client\b", file.read_text()))
    text = clients.read_text()
    text = cut(text, r"^func \(c \*AWSClient\) (\w+)\(ctx context\.Context\) \*\w+\.Client \{\n.*?\n\}\n", lambda m: m[1] in used, "clients")
    text = cut(text, r'^\t(?:(\w+) )?"github\.com/aws/aws-sdk-go-v2/service/([\w/]+)"\n',
               lambda m: re.search(r"\b" + (m[1] or m[2].split("/")[-1]) + r"\.", text), "imports of clients")
    clients.write_text(text)


main()
