package examples

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"
)

// SampleRows is how many rows the sample has that "penstock init retail" writes.
const SampleRows = 50000

// WithoutProduct is how many sold rows of any sample name an article that never has a description.
const WithoutProduct = 37

// CheckRows refuses a number of rows that a sample cannot have.
func CheckRows(rows int) error {
	if rows < 200 {
		return fmt.Errorf("a sample has at least 200 rows, not %d", rows)
	}
	return nil
}

// Generate writes daily files of an imaginary online shop below dir (yyyy/mm/dd/orders-yyyy-mm-dd.csv.gz), rows lines in all. The same
// number of rows always gives the same files. They are dirty as real ones are: missing customers and descriptions, cancellations
// ('C' invoices with negative quantities), prices of zero, ids written '17850.0', days without a file.
func Generate(dir string, rows int) (files int, err error) {
	if err := CheckRows(rows); err != nil {
		return 0, err
	}
	days := shopDays(max(3, min(300, rows/2000)))
	g := &generator{random: 0x9e3779b97f4a7c15, invoice: 536365, rows: rows}
	for i, day := range days {
		n := rows/len(days) + boolInt(i < rows%len(days))
		if err := writeDay(dir, day, g.day(day, n)); err != nil {
			return i, err
		}
	}
	return len(days), nil
}

// shopDays are n days on which the shop sold something: no Saturdays, and now and then a day is missing.
func shopDays(n int) (days []time.Time) {
	for day := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC); len(days) < n; day = day.AddDate(0, 0, 1) {
		if day.Weekday() != time.Saturday && day.YearDay()%17 != 0 {
			days = append(days, day)
		}
	}
	return days
}

func writeDay(dir string, day time.Time, text []byte) error {
	folder := filepath.Join(dir, day.Format("2006"), day.Format("01"), day.Format("02"))
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z) // no name and no time in the header: the bytes depend on the rows alone
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "orders-"+day.Format("2006-01-02")+".csv.gz"), z.Bytes(), 0o666)
}

type generator struct {
	random  uint64
	invoice int
	rows    int // of the whole sample
	done    int
	left    int // lines of the invoice that is being written
	cancel  bool
	at      time.Time
	client  string
	country string
}

// next is a splitmix64 step: the sample must be the same on every machine and with every Go.
func (g *generator) next(n int) int {
	g.random += 0x9e3779b97f4a7c15
	z := g.random
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

func (g *generator) day(day time.Time, n int) []byte {
	var b bytes.Buffer
	b.WriteString("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n")
	g.at, g.left = day.Add(8*time.Hour), 0
	for range n {
		if g.left == 0 {
			g.newInvoice()
		}
		g.line(&b)
		g.left--
		g.done++
	}
	return b.Bytes()
}

func (g *generator) newInvoice() {
	g.invoice++
	g.left = 1 + g.next(40)
	g.cancel = g.next(25) == 0
	if g.cancel {
		g.left = 1 + g.next(3)
	}
	g.at = g.at.Add(time.Duration(g.next(240)) * time.Second)
	g.client = ""
	if g.next(4) > 0 {
		g.client = fmt.Sprintf("%d.0", 12346+g.next(4000))
	}
	g.country = countries[0]
	if g.next(10) == 0 {
		g.country = countries[g.next(len(countries))]
	}
}

var countries = []string{"United Kingdom", "Germany", "France", "EIRE", "Spain", "Netherlands", "Belgium",
	"Switzerland", "Portugal", "Australia"}

var (
	articles = []string{"LANTERN", "CAKE STAND", "TEA TOWEL", "MUG", "LUNCH BAG", "PHOTO FRAME", "DOORMAT",
		"T-LIGHT HOLDER", "BUNTING", "ALARM CLOCK"}
	kinds = []string{"WHITE METAL", "RED RETROSPOT", "VINTAGE", "BLUE POLKADOT", "HANGING HEART", "PINK", "WOODEN",
		"SET OF 6, ASSORTED", "\"HOME\" SIGN", "GLASS"}
)

func (g *generator) line(b *bytes.Buffer) {
	no := g.next(len(articles) * len(kinds) * 20)
	code := fmt.Sprint(20000 + no)
	if no%9 == 0 {
		code += string(rune('A' + no%5))
	}
	name := kinds[no%len(kinds)] + " " + articles[no/len(kinds)%len(articles)]
	quantity, price := 1+g.next(24), fmt.Sprintf("%d.%02d", g.next(13), 1+g.next(99))
	invoice := fmt.Sprint(g.invoice)
	switch {
	case g.orphan():
		code, name = fmt.Sprintf("9%04dX", g.next(10000)), ""
	case g.cancel:
		invoice, quantity = "C"+invoice, -quantity
	case g.next(200) == 0: // a write-off: free, nameless and of nobody
		name, price, quantity = "", "0.0", -quantity
	case g.next(300) == 0:
		price = "0.0"
	}
	invoice = cut(invoice)
	fmt.Fprintf(b, "%s,%s,%s,%d,%s,%s,%s,%s\n", invoice, code, quote(name), quantity, g.at.Format(time.DateTime), price, g.client, g.country)
}

// cut keeps invoice numbers at six digits, as the shop's are.
func cut(invoice string) string {
	if n := len(invoice); n > 7 || n == 7 && invoice[0] != 'C' {
		return invoice[n-6:]
	}
	return invoice
}

// orphan picks the rows without a product, evenly; a cancelled invoice becomes a sale for one line so that they all count.
func (g *generator) orphan() bool {
	return g.done*WithoutProduct/g.rows != (g.done+1)*WithoutProduct/g.rows
}

func quote(s string) string {
	if !bytes.ContainsAny([]byte(s), `,"`) {
		return s
	}
	return `"` + string(bytes.ReplaceAll([]byte(s), []byte(`"`), []byte(`""`))) + `"`
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
