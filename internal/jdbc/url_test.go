package jdbc

import (
	"fmt"
	"strings"
	"testing"
)

func TestURLs(t *testing.T) {
	for text, want := range map[string]string{
		"jdbc:postgresql://h/d":                                       "postgresql h:5432 d u p 0 ",
		"jdbc:postgresql://h:1234/d?currentSchema=x":                  "postgresql h:1234 d u p 0 ",
		"jdbc:postgresql://[::1]:7/my%20db?ssl=true":                  "postgresql [::1]:7 my db u p 4 ",
		"jdbc:postgresql://h/d?sslmode=verify-ca&sslrootcert=/ca.crt": "postgresql h:5432 d u p 3 /ca.crt",
		"jdbc:postgresql://h/d?sslmode=disable":                       "postgresql h:5432 d u p 1 ",
		"jdbc:mysql://h/d?useSSL=false&serverTimezone=UTC":            "mysql h:3306 d u p 1 ",
		"jdbc:mysql://h":                          "mysql h:3306  u p 0 ",
		"jdbc:mysql://h:9/d?sslMode=REQUIRED":     "mysql h:9 d u p 2 ",
		"jdbc:mariadb://h/d?sslMode=verify-full":  "mysql h:3306 d u p 4 ",
		"jdbc:mariadb://h/d?requireSSL=true":      "mysql h:3306 d u p 2 ",
		"postgresql://h/d":                        "not of the form",
		"jdbc:postgresql:d":                       "not of the form",
		"jdbc:postgresql://h1,h2/d":               "with one host",
		"jdbc:postgresql://h:x/d":                 "not of the form",
		"jdbc:postgresql://h:70000/d":             "has the port 70000",
		"jdbc:postgresql://me:secret@h/d":         "has a user before its host",
		"jdbc:postgresql://h/d?sslmode=sometimes": "sslmode=sometimes, which is not known",
		"jdbc:postgresql://h/d?sslcert=x":         "does not support the option sslcert",
		"jdbc:oracle:thin://@h/d":                 "databases of the kind oracle",
		"jdbc:sqlserver://h;database=d":           "databases of the kind sqlserver",
	} {
		a, err := Login{URL: text, User: "u", Password: "p"}.address()
		got := fmt.Sprintf("%s %s %s %s %s %d %s", a.engine, a.place(), a.database, a.user, a.password, a.tls, a.roots)
		if err != nil {
			if got = err.Error(); strings.Contains(got, "secret") {
				t.Error(got)
			}
		}
		if err == nil && got != want || err != nil && !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	a, err := Login{URL: "jdbc:mysql://h/d?user=x&password=y&useSSL=false", TLS: true}.address()
	if err != nil || a.user != "x" || a.password != "y" || a.tls != tlsHost {
		t.Errorf("%+v %v", a, err)
	}
}

func FuzzURL(f *testing.F) {
	f.Add("jdbc:postgresql://h:1234/d?sslmode=require")
	f.Add("jdbc:mysql://[::1]:9/d?useSSL=true&x=%")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Login{URL: text}.address()
		if err == nil && (a.host == "" && a.place() == "" || a.port < 1 || a.port > 65535) {
			t.Errorf("%q gives %+v", text, a)
		}
	})
}
