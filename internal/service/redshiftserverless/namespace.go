package redshiftserverless

import (
	"context"

	"penstock/internal/api"
	"penstock/internal/meta/page"
	"penstock/internal/pattern"
	"penstock/internal/pgwire"
	"penstock/internal/warehouse"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless/types"
)

var (
	resourceName = pattern.Lazy(`^[a-z0-9-]{3,64}$`)
	dbName       = pattern.Lazy(`^[a-zA-Z][a-zA-Z_0-9+.@-]{0,63}$`)
)

func checkName(what, name string) error {
	if !resourceName().MatchString(name) {
		return api.Errorf(validation, "The %s name '%s' must have 3 to 64 characters of a-z, 0-9 and hyphens.", what, name)
	}
	return nil
}

// checkPassword applies Redshift's rules for the administrator's password.
func checkPassword(p *string) error {
	if p == nil {
		return nil
	}
	if problem := pgwire.PasswordProblem(*p); problem != "" {
		return api.Errorf(validation, "The parameter AdminUserPassword %s.", problem)
	}
	return nil
}

// CreateNamespace makes a namespace.
func (s *Service) CreateNamespace(ctx context.Context, in *sdk.CreateNamespaceInput) (*sdk.CreateNamespaceOutput, error) {
	name := aws.ToString(in.NamespaceName)
	if err := checkName("namespace", name); err != nil {
		return nil, err
	}
	if err := checkPassword(in.AdminUserPassword); err != nil {
		return nil, err
	}
	if in.DbName != nil && !dbName().MatchString(*in.DbName) {
		return nil, api.Errorf(validation, "'%s' is no valid database name.", *in.DbName)
	}
	n, err := s.w.CreateNamespace(ctx, warehouse.Namespace{Name: name, AdminUser: aws.ToString(in.AdminUsername), Database: lower(in.DbName),
		IAMRoles:    in.IamRoles,
		DefaultRole: aws.ToString(in.DefaultIamRoleArn), LogExports: exports(in.LogExports), Tags: tagMap(in.Tags)},
		aws.ToString(in.AdminUserPassword))
	if err != nil {
		return nil, mapped(err, name)
	}
	return &sdk.CreateNamespaceOutput{Namespace: namespaceOut(n, types.NamespaceStatusAvailable)}, nil
}

func exports(in []types.LogExport) []string {
	var out []string
	for _, e := range in {
		out = append(out, string(e))
	}
	return out
}

func namespaceOut(n *warehouse.Namespace, status types.NamespaceStatus) *types.Namespace {
	out := &types.Namespace{NamespaceName: &n.Name, NamespaceId: &n.ID, NamespaceArn: &n.ARN, AdminUsername: &n.AdminUser,
		DbName: &n.Database, IamRoles: n.IAMRoles,
		CreationDate: &n.Created, Status: status, KmsKeyId: aws.String("AWS_OWNED_KMS_KEY"), LogExports: []types.LogExport{}}
	if out.IamRoles == nil {
		out.IamRoles = []string{}
	}
	if n.DefaultRole != "" {
		out.DefaultIamRoleArn = &n.DefaultRole
	}
	for _, e := range n.LogExports {
		out.LogExports = append(out.LogExports, types.LogExport(e))
	}
	return out
}

// GetNamespace describes a namespace.
func (s *Service) GetNamespace(ctx context.Context, in *sdk.GetNamespaceInput) (*sdk.GetNamespaceOutput, error) {
	n, err := s.w.Namespace(ctx, aws.ToString(in.NamespaceName))
	if err != nil {
		return nil, mapped(err, aws.ToString(in.NamespaceName))
	}
	return &sdk.GetNamespaceOutput{Namespace: namespaceOut(n, types.NamespaceStatusAvailable)}, nil
}

// ListNamespaces lists namespaces by name.
func (s *Service) ListNamespaces(ctx context.Context, in *sdk.ListNamespacesInput) (*sdk.ListNamespacesOutput, error) {
	p, err := s.pageOf(in.NextToken, in.MaxResults, "namespaces")
	if err != nil {
		return nil, err
	}
	found, err := s.w.Namespaces(ctx, p.After, p.Ask())
	if err != nil {
		return nil, mapped(err, "")
	}
	out := &sdk.ListNamespacesOutput{Namespaces: []types.Namespace{}}
	found = page.Cut(p, found, func(n warehouse.Namespace) string { return n.Name })
	out.NextToken = p.Next()
	for i := range found {
		out.Namespaces = append(out.Namespaces, *namespaceOut(&found[i], types.NamespaceStatusAvailable))
	}
	return out, nil
}

// UpdateNamespace changes a namespace.
func (s *Service) UpdateNamespace(ctx context.Context, in *sdk.UpdateNamespaceInput) (*sdk.UpdateNamespaceOutput, error) {
	name := aws.ToString(in.NamespaceName)
	if err := checkPassword(in.AdminUserPassword); err != nil {
		return nil, err
	}
	if in.AdminUsername != nil && in.AdminUserPassword == nil {
		return nil, api.Errorf(validation, "AdminUsername and AdminUserPassword must be updated together.")
	}
	n, err := s.w.ChangeNamespace(ctx, name, aws.ToString(in.AdminUserPassword), func(n *warehouse.Namespace) {
		if in.AdminUsername != nil {
			n.AdminUser = *in.AdminUsername
		}
		if in.IamRoles != nil {
			n.IAMRoles = in.IamRoles
		}
		if in.DefaultIamRoleArn != nil {
			n.DefaultRole = *in.DefaultIamRoleArn
		}
		if in.LogExports != nil {
			n.LogExports = exports(in.LogExports)
		}
	})
	if err != nil {
		return nil, mapped(err, name)
	}
	return &sdk.UpdateNamespaceOutput{Namespace: namespaceOut(n, types.NamespaceStatusAvailable)}, nil
}

// DeleteNamespace removes a namespace with its databases.
func (s *Service) DeleteNamespace(ctx context.Context, in *sdk.DeleteNamespaceInput) (*sdk.DeleteNamespaceOutput, error) {
	n, err := s.w.DeleteNamespace(ctx, aws.ToString(in.NamespaceName))
	if err != nil {
		return nil, mapped(err, aws.ToString(in.NamespaceName))
	}
	return &sdk.DeleteNamespaceOutput{Namespace: namespaceOut(n, types.NamespaceStatusDeleting)}, nil
}
