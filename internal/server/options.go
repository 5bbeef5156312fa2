package server

import (
	"errors"
	"fmt"
	"net"
	"strconv"
)

// An OptionError says that an option cannot be what it is, wherever the server starts.
type OptionError struct{ error }

// check refuses options that no start could take, before anything is made.
func (o Options) check() error {
	if err := CheckRegions(o.Regions); err != nil {
		return OptionError{err}
	}
	if o.Account != "" && !accountForm().MatchString(o.Account) {
		return OptionError{fmt.Errorf("the account %q is no account number: those of AWS have 12 digits", o.Account)}
	}
	if (o.TLSCert == "") != (o.TLSKey == "") {
		return OptionError{errors.New("--tls-cert and --tls-key belong together: the certificate and its key")}
	}
	for _, a := range [][2]string{{"--listen", o.HTTP}, {"--warehouse-listen", o.Warehouse}} {
		_, port, err := net.SplitHostPort(a[1])
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			return OptionError{fmt.Errorf("%s %q is no address; it is a host and a port from 0 to 65535, as in 127.0.0.1:4580", a[0], a[1])}
		}
	}
	return nil
}
