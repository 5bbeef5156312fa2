package crawl

import "penstock/internal/meta"

type metaTx = meta.Tx
