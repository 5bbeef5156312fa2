# s3fs with its defaults.
import os, urllib.request, s3fs

fs = s3fs.S3FileSystem()
fs.mkdir("lake")
with fs.open("lake/raw/a.bin", "wb", block_size=5 << 20) as f:  # of several parts
    for i in range(12):
        f.write(bytes([i]) * (1 << 20))
with fs.open("lake/raw/a.bin", "rb") as f:
    f.seek((5 << 20) - 1)
    assert f.read(2) == b"\x04\x05"
fs.pipe({f"lake/many/{i:02}.txt": str(i).encode() for i in range(25)})
assert fs.cat("lake/many/*.txt")["lake/many/07.txt"] == b"7"
assert len(fs.find("lake/many")) == 25 and sorted(fs.ls("lake")) == ["lake/many", "lake/raw"], fs.ls("lake")
fs.copy("lake/raw/a.bin", "lake/raw/b.bin")
fs.mv("lake/raw/b.bin", "lake/moved/c.bin")
assert fs.info("lake/moved/c.bin")["size"] == 12 << 20 and not fs.exists("lake/raw/b.bin")
assert fs.checksum("lake/moved/c.bin") is not None and fs.du("lake/many") == 10 + 15 * 2
fs.setxattr("lake/many/01.txt", copy_kwargs={}, note="x")
assert fs.getxattr("lake/many/01.txt", "note") == "x"
fs.put_tags("lake/many/01.txt", {"team": "a"})
assert fs.get_tags("lake/many/01.txt") == {"team": "a"}
fs.touch("lake/empty")
assert fs.cat("lake/empty") == b""
assert urllib.request.urlopen(fs.sign("lake/many/07.txt")).read() == b"7"
os.makedirs("down")
fs.get("lake/many/", "down/", recursive=True)
fs.put("down/", "lake/up/", recursive=True)
assert len(fs.glob("lake/up/**/*.txt")) == 25
fs.rm("lake", recursive=True)
assert not fs.exists("lake")
print("ok")
