// Self-signed, valid for 100 years, and no authorities, as rustls refuses an authority's own certificate as a server's. Their keys are public and protect nothing.
// Made with: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=localhost
//   -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE

interface Certificate {
	readonly key: string;
	readonly cert: string;
}

/** For `localhost` and `127.0.0.1`. */
export const LOCALHOST: Certificate = {
	key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoiK3qIfAuCgPFn+y
3e0L+on0/HoLHXowxNVQgJnIeeWhRANCAASIz/RBYiTrxRtoHVZT7iMv6DxDcGcn
u5m/W50NzCwYHeY3VXmNKg30SQabpPBN6GJBrGN0zu6ki44Wqe1+J/DB
-----END PRIVATE KEY-----
`,
	cert: `-----BEGIN CERTIFICATE-----
MIIBmDCCAT6gAwIBAgIUJ5wySaf1o1HTf87yXxDztXsGUUkwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMDE0MjA0OVoYDzIxMjYxMDI3
MTQyMDQ5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASIz/RBYiTrxRtoHVZT7iMv6DxDcGcnu5m/W50NzCwYHeY3VXmNKg30
SQabpPBN6GJBrGN0zu6ki44Wqe1+J/DBo2wwajAdBgNVHQ4EFgQUY/JaaIITqZ7s
upmf9tfLu6hSsWswHwYDVR0jBBgwFoAUY/JaaIITqZ7supmf9tfLu6hSsWswGgYD
VR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAwGA1UdEwEB/wQCMAAwCgYIKoZIzj0E
AwIDSAAwRQIgQwfyDg2rtTuHkQnJQhBPBWlNNfjmys9HEbKw8XORRuUCIQDpgKaD
Ngs88duRwuN6QY7qdg3Pr1PKJSbNVSTm4CinFA==
-----END CERTIFICATE-----
`,
};

/** For `other.example.com`. */
export const OTHER: Certificate = {
	key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQga+6VTOEX2HD4/w/p
Y7OCWVnsRKrarp4FB+96HeW3m1WhRANCAARmTmI+MJEKDMtK/5I0b5poc/+9Xghq
EU0OW92gSI+ebJC+8nuLENpbDA7YpAzX66fd1AKUUp6OnqoQwiYm07TF
-----END PRIVATE KEY-----
`,
	cert: `-----BEGIN CERTIFICATE-----
MIIBkzCCATigAwIBAgIUBmFyY18Cgag6vYizT0JNbGGVGlUwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTIwMTQyMDQ5WhgPMjEyNjEwMjcxNDIw
NDlaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
Zk5iPjCRCgzLSv+SNG+aaHP/vV4IahFNDlvdoEiPnmyQvvJ7ixDaWwwO2KQM1+un
3dQClFKejp6qEMImJtO0xaNuMGwwHQYDVR0OBBYEFC9miqzjmTqgJL9Uu01WZdcE
grh4MB8GA1UdIwQYMBaAFC9miqzjmTqgJL9Uu01WZdcEgrh4MBwGA1UdEQQVMBOC
EW90aGVyLmV4YW1wbGUuY29tMAwGA1UdEwEB/wQCMAAwCgYIKoZIzj0EAwIDSQAw
RgIhAMv0cZvbXEM//uGFZgKabgIvq3raCMOhmzvdShyUSdFMAiEA2sV+WQhJ0ru7
rjn3vfvsF6t3mUDBbfWFThtGcd5UWn4=
-----END CERTIFICATE-----
`,
};
