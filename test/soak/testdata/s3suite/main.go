// Command s3suite runs cases of versitygw's suite of S3 clients, whose names it reads from standard input, one after the other against
// AWS_ENDPOINT_URL. It is "versitygw test --versioning-enabled full-flow" but for one thing: a case that panics
// fails, and the others go on. (The option has the suite remove all versions of what a case has made.)
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/versity/versitygw/tests/integration"
)

func main() {
	conf := integration.NewS3Conf(integration.WithAccess(os.Getenv("AWS_ACCESS_KEY_ID")), integration.WithSecret(os.Getenv("AWS_SECRET_ACCESS_KEY")),
		integration.WithRegion(os.Getenv("AWS_REGION")), integration.WithEndpoint(os.Getenv("AWS_ENDPOINT_URL")),
		integration.WithVersioningEnabled())
	tests := integration.GetIntTests()
	for names := bufio.NewScanner(os.Stdin); names.Scan(); {
		run(conf, names.Text(), tests[names.Text()])
	}
}

func run(conf *integration.S3Conf, name string, test integration.IntTest) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Printf("FAIL %s: panic: %v\n", name, p)
		}
	}()
	if test == nil {
		panic("there is no such case")
	}
	_ = test(conf) // it prints how it went
}
