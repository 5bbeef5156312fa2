package resource

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"penstock/internal/api"
)

// bucket is AWS::S3::Bucket.
func bucket() *Kind {
	return &Kind{
		Type: "AWS::S3::Bucket", Name: "BucketName", Naming: Naming{Lower: true, Max: 63},
		Spec: spec(`
			BucketName text replace
			AccessControl text
			BucketEncryption.ServerSideEncryptionConfiguration[].BucketKeyEnabled bool
			BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault.SSEAlgorithm text required
			BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault.KMSMasterKeyID text
			CorsConfiguration.CorsRules[].AllowedHeaders[] text
			CorsConfiguration.CorsRules[].AllowedMethods[] text
			CorsConfiguration.CorsRules[].AllowedOrigins[] text
			CorsConfiguration.CorsRules[].ExposedHeaders[] text
			CorsConfiguration.CorsRules[].Id text
			CorsConfiguration.CorsRules[].MaxAge int
			ObjectLockConfiguration.ObjectLockEnabled text
			ObjectLockConfiguration.Rule.DefaultRetention.Days int
			ObjectLockConfiguration.Rule.DefaultRetention.Mode text
			ObjectLockConfiguration.Rule.DefaultRetention.Years int
			ObjectLockEnabled bool
			OwnershipControls.Rules[].ObjectOwnership text
			PublicAccessBlockConfiguration.BlockPublicAcls bool
			PublicAccessBlockConfiguration.BlockPublicPolicy bool
			PublicAccessBlockConfiguration.IgnorePublicAcls bool
			PublicAccessBlockConfiguration.RestrictPublicBuckets bool
			VersioningConfiguration.Status text required
			Tags[].Key text required
			Tags[].Value text required`),
		Attributes: []string{"Arn", "DomainName", "RegionalDomainName", "DualStackDomainName", "WebsiteURL"},
		Find: func(ctx context.Context, c *Caller, name string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "s3", "HeadBucket", map[string]any{"Bucket": name})
			if is(err, "PermanentRedirect") { // it is in another region
				return true, nil
			}
			return found(err, "NotFound", "NoSuchBucket")
		},
		Create: func(ctx context.Context, c *Caller, name string, p Props) (string, error) {
			in := map[string]any{"Bucket": name}
			if c.Region != "us-east-1" {
				in["CreateBucketConfiguration"] = map[string]any{"LocationConstraint": c.Region}
			}
			if p["ObjectLockEnabled"] == true {
				in["ObjectLockEnabledForBucket"] = true
			}
			if _, err := c.Do(ctx, "s3", "CreateBucket", in); err != nil && !is(err, "BucketAlreadyOwnedByYou", "BucketAlreadyExists") {
				return name, err
			}
			return name, updateBucket(ctx, c, name, Props{"ObjectLockEnabled": p["ObjectLockEnabled"]}, p)
		},
		Update: updateBucket,
		Refuse: refuseBucket,
		Delete: func(ctx context.Context, c *Caller, name string, _ Props) error {
			_, err := c.Do(ctx, "s3", "DeleteBucket", map[string]any{"Bucket": name})
			return gone(err, "NoSuchBucket")
		},
		Read: func(_ context.Context, c *Caller, name string, _ Props) (map[string]any, error) {
			return map[string]any{
				"Arn": "arn:aws:s3:::" + name, "DomainName": name + ".s3.amazonaws.com",
				"RegionalDomainName":  name + ".s3." + c.Region + ".amazonaws.com",
				"DualStackDomainName": name + ".s3.dualstack." + c.Region + ".amazonaws.com",
				"WebsiteURL":          "http://" + name + ".s3-website-" + c.Region + ".amazonaws.com",
			}, nil
		},
	}
}

// updateBucket brings a bucket's settings to what p says. An access list that leaves all to the owner comes before an ownership that may
// allow no other, any other one after the ownership and the block that must allow it.
func updateBucket(ctx context.Context, c *Caller, name string, old, p Props) error {
	steps := []bucketStep{
		updateVersioning, updateLock, updateTags,
		setting("BucketEncryption", "BucketEncryption", encryptionOf),
		setting("CorsConfiguration", "BucketCors", corsOf),
		setting("OwnershipControls", "BucketOwnershipControls", asItIs("OwnershipControls")),
		setting("PublicAccessBlockConfiguration", "PublicAccessBlock", asItIs("PublicAccessBlockConfiguration")),
	}
	if cannedACL(p) == "private" {
		steps = slices.Insert(steps, 0, updateACL)
	} else {
		steps = append(steps, updateACL)
	}
	for _, step := range steps {
		if err := step(ctx, c, name, old, p); err != nil {
			return err
		}
	}
	return nil
}

type bucketStep func(ctx context.Context, c *Caller, name string, old, p Props) error

// setting puts a property as a document of the bucket, or takes the document away. op is the operations' name after Put and Delete.
func setting(property, op string, document func(Props) (member string, value any)) bucketStep {
	return func(ctx context.Context, c *Caller, name string, old, p Props) error {
		if same(old[property], p[property]) {
			return nil
		}
		in := map[string]any{"Bucket": name}
		if p[property] == nil {
			_, err := c.Do(ctx, "s3", "Delete"+op, in)
			return err
		}
		member, value := document(object(p, property))
		_, err := c.Do(ctx, "s3", "Put"+op, with(in, member, value))
		return err
	}
}

func asItIs(member string) func(Props) (string, any) {
	return func(p Props) (string, any) { return member, p }
}

// encryptionOf and corsOf give the members the names that S3 has for them.
func encryptionOf(p Props) (string, any) {
	rules := []any{}
	for _, r := range list(p, "ServerSideEncryptionConfiguration") {
		rules = append(rules, renamed(r, "ServerSideEncryptionByDefault", "ApplyServerSideEncryptionByDefault"))
	}
	return "ServerSideEncryptionConfiguration", map[string]any{"Rules": rules}
}

func corsOf(p Props) (string, any) {
	rules := []any{}
	for _, r := range list(p, "CorsRules") {
		rules = append(rules, renamed(r, "Id", "ID", "MaxAge", "MaxAgeSeconds", "ExposedHeaders", "ExposeHeaders"))
	}
	return "CORSConfiguration", map[string]any{"CORSRules": rules}
}

// renamed copies an object with other names for some members: old, new, old, new.
func renamed(v any, names ...string) map[string]any {
	m, _ := v.(map[string]any)
	out := map[string]any{}
	for k, e := range m {
		if i := slices.Index(names, k); i >= 0 && i%2 == 0 {
			k = names[i+1]
		}
		out[k] = e
	}
	return out
}

// updateVersioning leaves the versions of a bucket with object lock, which has them from its creation and cannot lose them: an update that
// suspends them is refused before it begins.
func updateVersioning(ctx context.Context, c *Caller, name string, old, p Props) error {
	status := text(p, "VersioningConfiguration", "Status")
	if text(old, "VersioningConfiguration", "Status") == status || lockOf(old) != nil {
		return nil
	}
	if status == "" {
		status = "Suspended" // there is no way back to never versioned
	}
	in := map[string]any{"Bucket": name, "VersioningConfiguration": map[string]any{"Status": status}}
	_, err := c.Do(ctx, "s3", "PutBucketVersioning", in)
	return err
}

// updateLock switches object lock on and sets what new objects are locked with. S3 cannot switch it off: an update that asks for that is
// refused before it begins, and the rollback of one that switched it on leaves it on.
func updateLock(ctx context.Context, c *Caller, name string, old, p Props) error {
	before, now := lockOf(old), lockOf(p)
	if same(before, now) {
		return nil
	}
	if now == nil {
		now = map[string]any{"ObjectLockEnabled": "Enabled"}
	}
	_, err := c.Do(ctx, "s3", "PutObjectLockConfiguration", map[string]any{"Bucket": name, "ObjectLockConfiguration": now})
	return err
}

// lockOf is the document of a bucket's lock as S3 has it, nil where there is none.
func lockOf(p Props) map[string]any {
	lock := maps.Clone(object(p, "ObjectLockConfiguration"))
	if p["ObjectLockEnabled"] == true {
		if lock == nil {
			lock = map[string]any{}
		}
		lock["ObjectLockEnabled"] = "Enabled"
	}
	return lock
}

// refuseBucket refuses to switch object lock or the versions that it needs off, and what s3 would refuse by its name: keys of KMS, and
// rights of EC2.
func refuseBucket(old, p Props) error {
	if off := p["ObjectLockEnabled"]; lockOf(old) != nil && lockOf(p) == nil && (off == nil || off == false) {
		return fmt.Errorf("ObjectLockEnabled cannot be taken from a bucket that has it")
	}
	if text(p, "VersioningConfiguration", "Status") == "Suspended" && (lockOf(old) != nil || lockOf(p) != nil) {
		return fmt.Errorf("the versioning of a bucket with object lock cannot be Suspended")
	}
	for _, r := range list(object(p, "BucketEncryption"), "ServerSideEncryptionConfiguration") {
		m, _ := r.(map[string]any)
		if a := text(m, "ServerSideEncryptionByDefault", "SSEAlgorithm"); strings.HasPrefix(a, "aws:kms") {
			return fmt.Errorf("the SSEAlgorithm %s is not supported by Penstock yet; AES256 is", a)
		}
	}
	if a := text(p, "AccessControl"); a == "AwsExecRead" {
		return fmt.Errorf("the AccessControl %s is not supported by Penstock yet", a)
	}
	return nil
}

func updateTags(ctx context.Context, c *Caller, name string, old, p Props) error {
	if same(old["Tags"], p["Tags"]) {
		return nil
	}
	tags := list(p, "Tags")
	if len(tags) == 0 {
		_, err := c.Do(ctx, "s3", "DeleteBucketTagging", map[string]any{"Bucket": name})
		return err
	}
	_, err := c.Do(ctx, "s3", "PutBucketTagging", map[string]any{"Bucket": name, "Tagging": map[string]any{"TagSet": tags}})
	return err
}

func updateACL(ctx context.Context, c *Caller, name string, old, p Props) error {
	acl := cannedACL(p)
	if cannedACL(old) == acl {
		return nil
	}
	_, err := c.Do(ctx, "s3", "PutBucketAcl", map[string]any{"Bucket": name, "ACL": acl})
	return err
}

// cannedACL is S3's word for the property AccessControl, "private" where there is none.
func cannedACL(p Props) string {
	if v := text(p, "AccessControl"); v != "" {
		return hyphenated(v)
	}
	return "private"
}

// hyphenated makes bucket-owner-read of BucketOwnerRead.
func hyphenated(word string) string {
	var b []byte
	for i := range len(word) {
		ch := word[i]
		if ch >= 'A' && ch <= 'Z' {
			if i > 0 {
				b = append(b, '-')
			}
			ch += 'a' - 'A'
		}
		b = append(b, ch)
	}
	return string(b)
}

// Holds reports why a resource cannot be deleted, before anything of its stack is: a bucket that has objects.
func (k *Kind) Holds(ctx context.Context, c *Caller, id string) (string, error) {
	if k.Type != "AWS::S3::Bucket" || id == "" {
		return "", nil
	}
	out, err := c.Do(ctx, "s3", "ListObjectVersions", map[string]any{"Bucket": id, "MaxKeys": 1})
	if api.Code(err) == "NoSuchBucket" {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if len(list(out, "Versions")) > 0 || len(list(out, "DeleteMarkers")) > 0 {
		return fmt.Sprintf("The bucket %s is not empty: delete its objects, and all their versions, before the stack; nothing of the stack "+
			"was deleted", id), nil
	}
	return "", nil
}
