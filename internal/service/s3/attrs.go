package s3

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/object"
	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/tagging"
)

// httpTime is the form of dates in headers.
const httpTime = "Mon, 02 Jan 2006 15:04:05 GMT"

// defaultType is the type of objects whose client named none.
const defaultType = "binary/octet-stream"

// maxMetadata is the most bytes of user metadata: names and values together.
const maxMetadata = 2048

// attrsOf reads the attributes that an upload sets.
func attrsOf(ctx context.Context, in *s3.PutObjectInput) (object.Attrs, error) {
	if err := checkClass(in.StorageClass); err != nil {
		return object.Attrs{}, err
	}
	if err := checkRedirect(in.WebsiteRedirectLocation); err != nil {
		return object.Attrs{}, err
	}
	tags, err := tagging.Header(in.Tagging)
	if err != nil {
		return object.Attrs{}, err
	}
	a := object.Attrs{
		ContentType: aws.ToString(in.ContentType), CacheControl: aws.ToString(in.CacheControl),
		ContentDisposition: aws.ToString(in.ContentDisposition), ContentEncoding: withoutChunked(aws.ToString(in.ContentEncoding)),
		ContentLanguage: aws.ToString(in.ContentLanguage), Redirect: aws.ToString(in.WebsiteRedirectLocation),
		StorageClass: string(in.StorageClass), Tags: tags,
	}
	if a.ContentType == "" {
		a.ContentType = defaultType
	}
	if a.StorageClass == string(types.StorageClassStandard) {
		a.StorageClass = ""
	}
	a.Expires = expiresOf(ctx, in.Expires)
	if a.Metadata, err = metadataOf(in.Metadata); err == nil {
		a.Lock, err = lockOf(in.ObjectLockMode, in.ObjectLockRetainUntilDate, in.ObjectLockLegalHoldStatus)
	}
	return a, err
}

// expiresOf is the header Expires, which S3 keeps whatever it says. A call that did not come by HTTP has a time.
func expiresOf(ctx context.Context, t *time.Time) string {
	if w := api.WireOf(ctx); w != nil {
		return strings.Join(w.Input["Expires"], ",")
	}
	if t == nil {
		return ""
	}
	return t.UTC().Format(httpTime)
}

// uploadAttrs reads the same from the beginning of an upload in parts.
func uploadAttrs(ctx context.Context, in *s3.CreateMultipartUploadInput) (object.Attrs, error) {
	return attrsOf(ctx, &s3.PutObjectInput{StorageClass: in.StorageClass,
		Tagging: in.Tagging, ContentType: in.ContentType, CacheControl: in.CacheControl,
		ContentDisposition: in.ContentDisposition, ContentEncoding: in.ContentEncoding, ContentLanguage: in.ContentLanguage,
		WebsiteRedirectLocation: in.WebsiteRedirectLocation, Expires: in.Expires, Metadata: in.Metadata,
		ObjectLockMode: in.ObjectLockMode, ObjectLockRetainUntilDate: in.ObjectLockRetainUntilDate,
		ObjectLockLegalHoldStatus: in.ObjectLockLegalHoldStatus})
}

// withoutChunked drops the encoding of the request's own framing, which is none of the object's.
func withoutChunked(encoding string) string {
	var keep []string
	for _, e := range strings.Split(encoding, ",") {
		if e = strings.TrimSpace(e); e != "" && e != "aws-chunked" {
			keep = append(keep, e)
		}
	}
	return strings.Join(keep, ",")
}

// checkRedirect refuses what is no address of a page.
func checkRedirect(to *string) error {
	if to == nil || strings.HasPrefix(*to, "/") || strings.HasPrefix(*to, "http://") || strings.HasPrefix(*to, "https://") {
		return nil
	}
	return fault.New(400, "InvalidRedirectLocation", "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.")
}

// checkClass refuses classes whose objects cannot be read at once, and what S3 does not know.
func checkClass(c types.StorageClass) error {
	switch c {
	case "", types.StorageClassStandard, types.StorageClassStandardIa, types.StorageClassOnezoneIa, types.StorageClassIntelligentTiering,
		types.StorageClassReducedRedundancy, types.StorageClassGlacierIr:
		return nil
	}
	for _, known := range c.Values() {
		if c == known {
			return fault.New(501, "NotImplemented", "Penstock does not support the storage class "+string(c)+" yet")
		}
	}
	return fault.New(400, "InvalidStorageClass", "The storage class you specified is not valid", "StorageClassRequested", string(c))
}

func metadataOf(in map[string]string) (map[string]string, error) {
	if len(in) == 0 {
		return nil, nil
	}
	out, size := map[string]string{}, 0
	for k, v := range in {
		k = strings.ToLower(k)
		size += len(k) + len(v)
		out[k] = v
	}
	if size > maxMetadata {
		return nil, fault.New(400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", "Size", itoa(size),
			"MaxSizeAllowed", itoa(maxMetadata))
	}
	return out, nil
}

func quote(etag string) *string { return aws.String(`"` + etag + `"`) }

// seconds is a time as S3 shows it.
func seconds(t time.Time) *time.Time { return aws.Time(t.Truncate(time.Second)) }

// versionOf is the version id that answers carry: none for buckets that never had versioning.
func versionOf(i object.Info) *string {
	if !i.Versioned {
		return nil
	}
	return aws.String(i.VersionID)
}

// writtenVersion is the version id that a write answers: S3 tells none of the null version, which a suspended bucket gives.
func writtenVersion(i object.Info) *string {
	if i.VersionID == object.NullVersion {
		return nil
	}
	return versionOf(i)
}

// versionForm reports whether a text can be a version id.
func versionForm(version string) bool {
	if version == object.NullVersion {
		return true
	}
	raw, err := hex.DecodeString(version)
	return err == nil && len(raw) == 16
}

// checkVersion refuses what cannot be a version id.
func checkVersion(name, version string) error {
	if version == "" || versionForm(version) {
		return nil
	}
	return fault.Argument(name, version, "Invalid version id specified")
}

// classOf is the storage class that answers carry: none for STANDARD.
func classOf(a object.Attrs) types.StorageClass { return types.StorageClass(a.StorageClass) }

// listClass is the class in listings, where STANDARD is written.
func listClass(a object.Attrs) string {
	if a.StorageClass == "" {
		return string(types.StorageClassStandard)
	}
	return a.StorageClass
}
