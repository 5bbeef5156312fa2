package reading

import (
	"testing"

	"penstock/internal/delimited"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

// TestLooks shows beginnings of files that are not what their table says.
func TestLooks(t *testing.T) {
	typ := func(name string) schema.Type {
		ty, err := schema.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		return ty
	}
	s := &Source{Data: 3, Columns: []schema.Field{{Name: "id", Type: typ("int")}, {Name: "name", Type: typ("string")},
		{Name: "amt", Type: typ("double")}}}
	form := &serde.Form{Text: serde.Text{Dialect: delimited.Dialect{Delimiter: ',', Quote: '"'}, Header: true}}
	const option = "; the source option that reads it is "
	for head, want := range map[string]string{
		"1,Ann,2.5\n2,Bob,3\n": `the header, which begins with "id", is missing: the line looks like data` +
			option + "header: false",
		"id;name;amt\n":                       `the fields look separated by ";"` + option + `delimiter: ";"`,
		"id\tname\tamt\n":                     `the fields look separated by \t` + option + `delimiter: \t`,
		"{\"id\": 1}\n":                       "the file looks like JSON, and the table's files are CSV",
		"\xff\xfei\x00d\x00,\x00":             "the file looks like UTF-16" + option + "encoding: utf-16",
		"i\x00d\x00,\x00n\x00a\x00m\x00e\x00": "the file looks like UTF-16" + option + "encoding: utf-16le",
		"\x00i\x00d\x00,\x00n\x00a\x00m\x00e": "the file looks like UTF-16" + option + "encoding: utf-16be",
		"id,name,gr\xf6\xdfe\n1,a,2\n":        "the file is no UTF-8" + option + "encoding: windows-1252, perhaps",
		"PAR1\x15":                            "the file looks like Parquet, and the table's files are CSV",
		"PK\x03\x04":                          "the file looks like a zip archive, and the table's files are CSV",
		"id,nam,amt\n1,Ann,2\n":               "",
		"a,b,c\n":                             "",
		"amt,name,id\n":                       "",
		"id,name\n1,Ann\n":                    "",
		"id,name,amount\n1,Bj\xf6rn,2\n":      "",
		"":                                    "",
		"\n":                                  "",
		"this is no gzip\n":                   "",
	} {
		if got := s.looks(form, []byte(head)); got != want {
			t.Errorf("%q: %q, want %q", head, got, want)
		}
	}
	s.Table.Parameters = map[string]string{"UPDATED_BY_CRAWLER": "c"}
	got := s.looks(form, []byte("id;name;amt\n"))
	if want := `the fields look separated by ";", unlike the files that were crawled`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzLooks(f *testing.F) {
	f.Add([]byte("1,2\n"), 1)
	f.Fuzz(func(_ *testing.T, head []byte, skip int) {
		s := &Source{Columns: []schema.Field{{Name: "a"}, {Name: "b"}}, Data: 2}
		form := &serde.Form{Text: serde.Text{Dialect: delimited.Dialect{Delimiter: ','}, Header: true, Skip: max(0, skip%10)}}
		s.looks(form, head)
	})
}
