package warehouse

import (
	"context"
	"crypto/subtle"

	"penstock/internal/api"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/object/allowed"
)

// copySession is the name of the sessions of roles that COPY reads under, as Redshift names them.
const copySession = "RedshiftIamRoleSession"

// reader is who a COPY reads as: the owner of its access key, else its role, else the namespace's default role, else the account's root.
// refused says in Redshift's words what is wrong with a key.
func (g *endpoint) reader(ctx context.Context, r calls.Reader) (who api.Principal, refused string, err error) {
	o := &g.w.o
	if r.AccessKey != "" && o.Keys != nil {
		secret, who, ok := o.Keys(r.AccessKey)
		switch {
		case !ok:
			return who, "The AWS Access Key Id you provided does not exist in our records.,Status 403,Error InvalidAccessKeyId", nil
		case subtle.ConstantTimeCompare([]byte(secret), []byte(r.Secret)) == 0:
			return who, "The request signature we calculated does not match the signature you provided. Check your key and signing method." +
				",Status 403,Error SignatureDoesNotMatch", nil
		case subtle.ConstantTimeCompare([]byte(who.SessionToken), []byte(r.Token)) == 0:
			return who, "The provided token is malformed or otherwise invalid.,Status 400,Error InvalidToken", nil
		}
		return who, "", nil
	}
	role := r.Role
	if role == "" {
		n, err := g.w.Namespace(ctx, g.def.Namespace)
		if err != nil {
			return who, "", err
		}
		role = n.DefaultRole
	}
	if role == "" {
		return api.Principal{ARN: "arn:aws:iam::" + o.Account + ":root", Account: o.Account}, "", nil
	}
	return allowed.Session(o.Account, role, copySession), "", nil
}
