package script

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Totals are what all tasks of a run have done together, from the events that Spark keeps.
type Totals struct {
	BytesRead, RecordsRead, ShuffleWritten, ShuffleLocalRead  int64
	CompletedStages, CompletedTasks, FailedTasks, KilledTasks int64
	Elapsed                                                   time.Duration // of all its Spark contexts
}

// longestEvent bounds in bytes an event that is read; longer ones, which only plans of queries can be, are passed over.
const longestEvent = 1 << 20

// event is what is read of Spark's events.
type event struct {
	Event     string
	Timestamp int64
	Reason    struct{ Reason string } `json:"Task End Reason"`
	Metrics   *struct {
		Input struct {
			Bytes   int64 `json:"Bytes Read"`
			Records int64 `json:"Records Read"`
		} `json:"Input Metrics"`
		Read struct {
			Local int64 `json:"Local Bytes Read"`
		} `json:"Shuffle Read Metrics"`
		Write struct {
			Bytes int64 `json:"Shuffle Bytes Written"`
		} `json:"Shuffle Write Metrics"`
	} `json:"Task Metrics"`
	Stage struct {
		Failure string `json:"Failure Reason"`
	} `json:"Stage Info"`
}

// Totals reads the events that a run has left.
func (s *Submit) Totals() (t Totals, err error) {
	logs, err := s.EventLogs()
	for _, name := range logs {
		err = errors.Join(err, t.add(name))
	}
	return t, err
}

func (t *Totals) add(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var from, to int64
	for in := bufio.NewReaderSize(f, longestEvent); ; {
		line, err := in.ReadSlice('\n')
		for long := errors.Is(err, bufio.ErrBufferFull); long; long = errors.Is(err, bufio.ErrBufferFull) {
			line = nil
			_, err = in.ReadSlice('\n')
		}
		var e event
		if len(line) > 0 && json.Unmarshal(line, &e) == nil { // the last of a killed run may be cut
			switch e.Event {
			case "SparkListenerApplicationStart":
				from, to = e.Timestamp, e.Timestamp
			case "SparkListenerApplicationEnd":
				to = e.Timestamp
			}
			t.count(&e)
		}
		if errors.Is(err, io.EOF) {
			t.Elapsed += time.Duration(to-from) * time.Millisecond
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// count adds an event of a task or of a stage.
func (t *Totals) count(e *event) {
	switch e.Event {
	case "SparkListenerStageCompleted":
		if e.Stage.Failure == "" {
			t.CompletedStages++
		}
	case "SparkListenerTaskEnd":
		switch e.Reason.Reason {
		case "Success":
			t.CompletedTasks++
		case "TaskKilled":
			t.KilledTasks++
		default:
			t.FailedTasks++
		}
		if e.Metrics != nil {
			t.BytesRead += e.Metrics.Input.Bytes
			t.RecordsRead += e.Metrics.Input.Records
			t.ShuffleLocalRead += e.Metrics.Read.Local
			t.ShuffleWritten += e.Metrics.Write.Bytes
		}
	}
}

// A Point is what a gauge of the driver showed at a time.
type Point struct {
	Time  time.Time
	Value float64
}

// Gauge is what one of the driver's gauges has shown, every half a minute and at the end, by Spark's name for it: jvm.heap.used. One that
// this Spark has not gives nothing.
func (s *Submit) Gauge(name string) (list []Point, err error) {
	text, err := os.ReadFile(filepath.Join(s.figures(), "run.driver."+name+".csv"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		at, value, ok := strings.Cut(line, ",")
		seconds, e1 := strconv.ParseInt(at, 10, 64)
		v, e2 := strconv.ParseFloat(value, 64)
		switch {
		case i == 0: // t,value
		case !ok || e1 != nil || e2 != nil:
			return list, fmt.Errorf("the gauge %s says %q", name, line)
		default:
			list = append(list, Point{time.Unix(seconds, 0), v})
		}
	}
	return list, nil
}
