package server

import (
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
func httpServer(h http.Handler, o Options) *http.Server {
	pace, header := door.SlowestPace(), headerTime
	if o.Pace.Window > 0 {
		pace, header = o.Pace, o.Pace.Window
	}
	return &http.Server{
		Handler: door.Paced(h, pace, o.Clock.Now), ReadHeaderTimeout: header, IdleTimeout: idleTime,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
}
