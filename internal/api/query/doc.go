// Package query reads requests of the awsQuery protocol (form fields such as Tags.member.1.Key) and writes its XML answers and
// errors, driven by bound shapes. It knows no HTTP beyond the form's text.
package query
