package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// Who may talk to the server: requests must carry the token, or the cookie that the token buys;
// they must name a host that is ours, so that no foreign name can be rebound to this machine; and
// what comes from a page must come from our page.

const (
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
		"img-src 'self' data: blob:; font-src 'self'; media-src data: blob:; connect-src 'self'; " +
		"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	// A document with this policy has an opaque origin and no network.
	sandboxPolicy = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; " +
		"style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:"
	filePolicy = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
)

const xsrfHeader = "X-XSRFToken"

// derive makes a value that only this token gives: new tokens end old cookies.
func (s *Server) derive(purpose string) string {
	mac := hmac.New(sha256.New, []byte(s.token))
	mac.Write([]byte("lathe " + purpose))
	return hex.EncodeToString(mac.Sum(nil))
}

// cookieName differs between servers on one machine: cookies do not know ports.
func (s *Server) cookieName() string {
	sum := sha256.Sum256([]byte(s.rootName))
	return "lathe-" + hex.EncodeToString(sum[:4])
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// guard wraps every route.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		h := w.Header()
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("Cache-Control", "no-store")
		if !s.hostAllowed(q.Host) {
			s.fail(w, http.StatusForbidden, errors.New("host "+q.Host+" is not served here; "+
				"use localhost, an address, or allow it with --allow-host"))
			return
		}
		if !sameOrigin(q) {
			s.fail(w, http.StatusForbidden, errors.New("the request comes from another site: "+
				q.Header.Get("Origin")))
			return
		}
		next.ServeHTTP(w, q)
	})
}

// hostAllowed accepts addresses, localhost and the names that the server knows itself by. An
// address cannot be rebound; a name can.
func (s *Server) hostAllowed(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host) != nil {
		return true
	}
	for _, name := range s.hosts {
		if strings.EqualFold(host, name) {
			return true
		}
	}
	return false
}

// sameOrigin checks the Origin of WebSockets and of requests that change something, which every
// browser sends. Programs send none.
func sameOrigin(q *http.Request) bool {
	origin := q.Header.Get("Origin")
	reads := q.Method == http.MethodGet || q.Method == http.MethodHead
	if reads && q.Header.Get("Upgrade") == "" {
		return true
	}
	if origin == "" {
		return q.Header.Get("Sec-Fetch-Site") != "cross-site"
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, q.Host)
}

// bearer returns the token that the request carries in a header or, for programs and links, in the
// query.
func bearer(q *http.Request) string {
	auth := q.Header.Get("Authorization")
	for _, scheme := range []string{"token ", "bearer "} {
		if len(auth) > len(scheme) && strings.EqualFold(auth[:len(scheme)], scheme) {
			return strings.TrimSpace(auth[len(scheme):])
		}
	}
	return q.URL.Query().Get("token")
}

func (s *Server) hasCookie(q *http.Request) bool {
	c, err := q.Cookie(s.cookieName())
	return err == nil && equal(c.Value, s.derive("cookie"))
}

// private wraps the routes that need the token or the cookie. With the cookie alone, changing
// something also needs the XSRF header, which only our page can know.
func (s *Server) private(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		if equal(bearer(q), s.token) {
			next(w, q)
			return
		}
		if !s.hasCookie(q) {
			s.fail(w, http.StatusForbidden, errors.New("the token is missing or wrong; "+
				"open the URL that `lathe serve` printed"))
			return
		}
		reads := q.Method == http.MethodGet || q.Method == http.MethodHead
		if !reads && !equal(q.Header.Get(xsrfHeader), s.derive("xsrf")) {
			s.fail(w, http.StatusForbidden, errors.New("the "+xsrfHeader+" header is missing or wrong; "+
				"reload the page"))
			return
		}
		next(w, q)
	}
}

func (s *Server) setCookie(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookieName(), Value: s.derive("cookie"), Path: s.base, HttpOnly: true,
		SameSite: http.SameSiteStrictMode, MaxAge: 30 * 24 * 3600,
	})
}

// login takes the token from a form and goes on to a page of ours.
func (s *Server) login(w http.ResponseWriter, q *http.Request) {
	q.Body = http.MaxBytesReader(w, q.Body, 1<<16)
	next := s.localPath(q.FormValue("next"))
	if !equal(strings.TrimSpace(q.PostFormValue("token")), s.token) {
		s.loginPage(w, q, next, "That is not this server's token.")
		return
	}
	s.setCookie(w)
	http.Redirect(w, q, next, http.StatusSeeOther)
}

// localPath returns next if it is a path below the base URL, else the base URL.
func (s *Server) localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, s.base) ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return s.base
	}
	query := u.Query()
	query.Del("token")
	u.RawQuery = query.Encode()
	return u.String()
}

// machineNames returns the names under which this machine may be addressed.
func machineNames(addr string, more []string) []string {
	names := append([]string(nil), more...)
	if host, _, err := net.SplitHostPort(addr); err == nil && host != "" {
		names = append(names, host)
	}
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	return names
}
