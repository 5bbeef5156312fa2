package pgwire

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

const scramPrefix = "SCRAM-SHA-256$"

// ScramSecret is the stored form of a password for SCRAM-SHA-256 (RFC 5802), in PostgreSQL's notation.
func ScramSecret(password string, salt []byte) (string, error) {
	const rounds = 4096
	salted, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("derive key: %w", err)
	}
	stored := sha256.Sum256(mac(salted, "Client Key"))
	b := base64.StdEncoding
	return fmt.Sprintf("%s%d:%s$%s:%s", scramPrefix, rounds, b.EncodeToString(salt), b.EncodeToString(stored[:]),
		b.EncodeToString(mac(salted, "Server Key"))), nil
}

type scramKeys struct {
	rounds               int
	salt, stored, server []byte
}

func parseScram(secret string) (scramKeys, error) {
	bad := fmt.Errorf("stored password is not a SCRAM-SHA-256 secret")
	head, keys, ok := strings.Cut(strings.TrimPrefix(secret, scramPrefix), "$")
	rounds, salt, ok2 := strings.Cut(head, ":")
	stored, server, ok3 := strings.Cut(keys, ":")
	if !ok || !ok2 || !ok3 {
		return scramKeys{}, bad
	}
	var k scramKeys
	var errs [4]error
	k.rounds, errs[0] = strconv.Atoi(rounds)
	k.salt, errs[1] = base64.StdEncoding.DecodeString(salt)
	k.stored, errs[2] = base64.StdEncoding.DecodeString(stored)
	k.server, errs[3] = base64.StdEncoding.DecodeString(server)
	for _, err := range errs {
		if err != nil {
			return scramKeys{}, bad
		}
	}
	return k, nil
}

// scramAuth runs the two rounds of SCRAM-SHA-256 without channel binding.
func (c *conn) scramAuth(secret string) (bool, error) {
	keys, err := parseScram(secret)
	if err != nil {
		return false, c.fatal(asError(err, "XX000"))
	}
	c.send(&pgproto3.AuthenticationSASL{AuthMechanisms: []string{"SCRAM-SHA-256"}})
	if err := c.flush(); err != nil {
		return false, err
	}
	msg, err := c.passwordMessage(pgproto3.AuthTypeSASL)
	if err != nil {
		return false, err
	}
	first, ok := msg.(*pgproto3.SASLInitialResponse)
	if !ok || first.AuthMechanism != "SCRAM-SHA-256" {
		return false, c.fatal(protocolError("expected SASL with SCRAM-SHA-256"))
	}
	gs2, bare, nonce, ok := clientFirst(string(first.Data))
	if !ok {
		return false, c.fatal(protocolError("malformed SCRAM message"))
	}
	b := base64.StdEncoding
	nonce += b.EncodeToString(c.server.opts.Random(18))
	serverFirst := fmt.Sprintf("r=%s,s=%s,i=%d", nonce, b.EncodeToString(keys.salt), keys.rounds)
	c.send(&pgproto3.AuthenticationSASLContinue{Data: []byte(serverFirst)})
	if err := c.flush(); err != nil {
		return false, err
	}
	msg, err = c.passwordMessage(pgproto3.AuthTypeSASLContinue)
	if err != nil {
		return false, err
	}
	final, ok := msg.(*pgproto3.SASLResponse)
	if !ok {
		return false, c.fatal(protocolError("expected a SASL response"))
	}
	signature, ok := keys.verify(string(final.Data), gs2, nonce, bare+","+serverFirst)
	if ok {
		c.send(&pgproto3.AuthenticationSASLFinal{Data: []byte("v=" + b.EncodeToString(signature))})
	}
	return ok, nil
}

// clientFirst takes the first message apart: the channel binding header, the rest, the client's nonce.
func clientFirst(s string) (gs2, bare, nonce string, ok bool) {
	p := strings.SplitN(s, ",", 3)
	if len(p) != 3 || (p[0] != "n" && p[0] != "y") {
		return "", "", "", false
	}
	for _, attr := range strings.Split(p[2], ",") {
		if n, found := strings.CutPrefix(attr, "r="); found && n != "" {
			return p[0] + "," + p[1] + ",", p[2], n, true
		}
	}
	return "", "", "", false
}

// verify checks the client's final message and returns the server's signature.
func (k scramKeys) verify(final, gs2, nonce, soFar string) ([]byte, bool) {
	without, proofText, ok := strings.Cut(final, ",p=")
	proof, err := base64.StdEncoding.DecodeString(proofText)
	if !ok || err != nil || len(proof) != sha256.Size {
		return nil, false
	}
	if without != "c="+base64.StdEncoding.EncodeToString([]byte(gs2))+",r="+nonce {
		return nil, false
	}
	message := soFar + "," + without
	key := mac(k.stored, message)
	for i := range key {
		key[i] ^= proof[i]
	}
	stored := sha256.Sum256(key)
	return mac(k.server, message), equal(stored[:], k.stored)
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
