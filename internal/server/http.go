package server

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"time"

	"penstock/internal/api/door"
)

// headerTime is how long a client may take to send the header of a request, and idleTime how long a connection waits for the next one.
const (
	headerTime = 30 * time.Second
	idleTime   = 2 * time.Minute
)

// httpServer is the server of the AWS port: it cuts off clients that trickle.
func httpServer(h http.Handler, o Options, tls *tls.Config) *http.Server {
	pace, header := door.SlowestPace(), headerTime
	if o.Pace.Window > 0 {
		pace, header = o.Pace, o.Pace.Window
	}
	one := new(http.Protocols)
	one.SetHTTP1(true) // what S3 speaks, under TLS too
	return &http.Server{
		TLSConfig: tls, Protocols: one, ConnContext: door.WithWhole, ConnState: door.ConnState,
		Handler: door.Paced(h, pace, o.Clock.Now), ReadHeaderTimeout: header, IdleTimeout: idleTime,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
}
