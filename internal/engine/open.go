package engine

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// Options are the limits of an instance. DuckDB's own defaults (80 % of the machine's memory, ".tmp" in the working directory,
// the time zone of $TZ, extensions fetched from the network) are never used.
type Options struct {
	Path        string // database file; "" is a database in memory
	MemoryLimit int64  // bytes; 0 means 512 MiB. The process grows 80-160 MB above it
	Threads     int    // 0 means 1
	TempDir     string // spill folder; "" forbids spilling
	// AllowedDirs and AllowedPaths are all that SQL may open beside the database and the spill folder.
	AllowedDirs  []string
	AllowedPaths []string
	ReadOnly     bool
	// Settings are further DuckDB settings ("default_null_order"), applied before the configuration is locked.
	Settings map[string]string
	// Unlocked leaves the configuration open to SET, for sessions whose SQL Penstock prints itself. File access stays closed:
	// DuckDB does not let enable_external_access be raised again.
	Unlocked bool
}

const defaultMemory = 512 << 20

// An Engine is one DuckDB instance.
type Engine struct {
	mu sync.Mutex
	db duck.Database
}

// Version is DuckDB's version.
func Version() string { return duck.LibraryVersion() }

// Open starts an instance.
func Open(ctx context.Context, o Options) (*Engine, error) {
	config, err := startConfig(o)
	if err != nil {
		return nil, err
	}
	defer duck.DestroyConfig(&config)
	path := o.Path
	if path == "" {
		path = ":memory:"
	}
	e := new(Engine)
	var msg string
	if duck.OpenExt(path, &e.db, config, &msg) == duck.StateError {
		return nil, fmt.Errorf("open %s: %w", path, newError(msg))
	}
	if err := e.lock(ctx, o); err != nil {
		e.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return e, nil
}

func startConfig(o Options) (duck.Config, error) {
	mem, threads := o.MemoryLimit, o.Threads
	if mem <= 0 {
		mem = defaultMemory
	}
	if threads <= 0 {
		threads = 1
	}
	set := [][2]string{
		{"memory_limit", strconv.FormatInt(mem, 10) + "B"},
		{"threads", strconv.Itoa(threads)},
		{"temp_directory", o.TempDir},
		{"autoload_known_extensions", "false"},
		{"autoinstall_known_extensions", "false"},
		{"allow_community_extensions", "false"},
		{"allow_persistent_secrets", "false"},
		{"allocator_background_threads", "true"}, // else the allocator keeps what a large statement took
	}
	if o.ReadOnly {
		set = append(set, [2]string{"access_mode", "READ_ONLY"})
	}
	var config duck.Config
	if duck.CreateConfig(&config) == duck.StateError {
		return config, fmt.Errorf("create a DuckDB configuration: out of memory")
	}
	for _, s := range set {
		if duck.SetConfig(config, s[0], s[1]) == duck.StateError {
			duck.DestroyConfig(&config)
			return config, fmt.Errorf("DuckDB refuses %s = %q", s[0], s[1])
		}
	}
	return config, nil
}

// lock applies what can only be set by SQL and closes the configuration.
func (e *Engine) lock(ctx context.Context, o Options) error {
	c, err := e.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	sql := []string{"SET GLOBAL TimeZone='UTC'"}
	if len(o.AllowedDirs) > 0 {
		sql = append(sql, "SET GLOBAL allowed_directories="+list(o.AllowedDirs))
	}
	if len(o.AllowedPaths) > 0 {
		sql = append(sql, "SET GLOBAL allowed_paths="+list(o.AllowedPaths))
	}
	names := make([]string, 0, len(o.Settings))
	for n := range o.Settings {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		sql = append(sql, "SET GLOBAL "+Ident(n)+"="+Literal(o.Settings[n]))
	}
	sql = append(sql, "SET GLOBAL enable_external_access=false")
	if !o.Unlocked {
		sql = append(sql, "SET GLOBAL lock_configuration=true")
	}
	for _, s := range sql {
		if _, err := c.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the instance. Connections must be closed before.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	duck.Close(&e.db)
	return nil
}

// Ident quotes an identifier.
func Ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Literal quotes a text literal.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// Literals quotes a list of text literals: ['a', 'b'].
func Literals(texts []string) string { return list(texts) }

func list(texts []string) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, t := range texts {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(Literal(t))
	}
	b.WriteByte(']')
	return b.String()
}
