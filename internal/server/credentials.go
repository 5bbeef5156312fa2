package server

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"penstock/internal/id"
	"penstock/internal/vfs"
)

// Credentials are the secrets of a data directory, made at its first start. They lie in the file "credentials" (mode 0600), in the form
// of the AWS shared credentials file.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	User, Password  string // of the warehouse's administrator
}

const credentialsName = "credentials"

// ReadCredentials reads the credentials of a data directory.
func ReadCredentials(data string) (Credentials, error) {
	f, err := os.Open(filepath.Join(data, credentialsName))
	if err != nil {
		return Credentials{}, err
	}
	defer f.Close()
	if err := private(f); err != nil {
		return Credentials{}, err
	}
	var c Credentials
	fields := map[string]*string{
		"aws_access_key_id": &c.AccessKeyID, "aws_secret_access_key": &c.SecretAccessKey,
		"warehouse_user": &c.User, "warehouse_password": &c.Password,
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), "=")
		if field := fields[strings.TrimSpace(key)]; ok && field != nil {
			*field = strings.TrimSpace(value)
		}
	}
	if err := lines.Err(); err != nil {
		return c, err
	}
	for key, field := range fields {
		if *field == "" {
			return c, fmt.Errorf("the file %s has no %s; it was made by Penstock and must not be cut", filepath.Join(data, credentialsName), key)
		}
	}
	return c, nil
}

// private refuses a file of secrets that others than its owner may read or write.
func private(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("the file %s is open to other users (mode %04o), and whoever reads it may do everything here; "+
			"to mend that, type: chmod 600 %[1]s",
			f.Name(), info.Mode().Perm())
	}
	return nil
}

// credentials reads the credentials, or makes them at the first start.
func credentials(files vfs.FS, data string) (Credentials, error) {
	c, err := ReadCredentials(data)
	if !errors.Is(err, os.ErrNotExist) {
		return c, err
	}
	c = Credentials{"PENSTOCK" + id.Upper(12), id.Hex(20), "admin", id.Hex(12)}
	text := fmt.Sprintf("# Made by Penstock at its first start. Whoever reads this file may do everything here.\n[default]\n"+
		"aws_access_key_id = %s\naws_secret_access_key = %s\nwarehouse_user = %s\nwarehouse_password = %s\n",
		c.AccessKeyID, c.SecretAccessKey, c.User, c.Password)
	if err := vfs.WriteFile(files, filepath.Join(data, credentialsName), []byte(text)); err != nil {
		return c, fmt.Errorf("write the credentials: %w", err)
	}
	return c, nil
}
