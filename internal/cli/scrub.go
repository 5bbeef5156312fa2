package cli

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"penstock/internal/server"
)

func (a *app) scrubCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "scrub [DIR]",
		Short: "Verify the bytes of all stored objects by their checksums",
		Long: "Reads every version of every object and compares it with its checksum. What the disk has changed or lost is named by bucket,\n" +
			"key and version, and the exit code is then 1; nothing is deleted or changed. A server that runs does the same once a day,\n" +
			"slowly (\"penstock status\" tells when, and what it found); this command needs the data directory for itself.",
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) (err error) {
			if err := a.folder(list); err != nil {
				return err
			}
			ctx := cmd.Context()
			if data, err := a.dataDir(); err != nil {
				return err
			} else if !server.Exists(data) {
				return fmt.Errorf("%s is no data directory of Penstock; name one with --data, or its pipeline's folder", data)
			}
			s, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.close(ctx)) }()
			if s.hosted == nil {
				return fmt.Errorf("a server works on %s, and scrubs it once a day (\"penstock status\" tells the result); stop it to scrub now", s.data)
			}
			found, err := s.hosted.Scrub(ctx, 0)
			if err != nil {
				return err
			}
			return a.printScrub(found)
		},
	}
	a.folderFlag(cmd)
	return cmd
}

func (a *app) printScrub(s server.Scrub) error {
	if a.json {
		if err := json.NewEncoder(a.stdout).Encode(s); err != nil {
			return err
		}
	} else {
		for _, r := range s.Rotten {
			fmt.Fprintf(a.stdout, "rotten: s3://%s/%s version %s\n", r.Bucket, r.Key, r.Version)
		}
		fmt.Fprintln(a.stdout, scrubLine(s))
	}
	if len(s.Rotten) > 0 {
		return errors.New("the disk has changed or lost bytes that were stored; put the objects there again from where they came")
	}
	return nil
}

func scrubLine(s server.Scrub) string {
	line := fmt.Sprintf("%d versions, %d bytes read; %d rotten", s.Versions, s.Bytes, len(s.Rotten))
	if s.Unproven > 0 {
		line += fmt.Sprintf("; %d have no checksum of the whole, so that no more is known than that they can be read", s.Unproven)
	}
	return line
}
