#!/bin/sh
# Makes certificates for a first look, in the folder that is named: an authority, a server, and clients with the SPIFFE ids
# that are named. Real ones come from SPIRE or another authority of yours.
#   certificates.sh FOLDER NAME=SPIFFE-ID...
set -eu
folder=$1
shift
umask 077
mkdir -p "$folder"
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$folder/$1.key"; }
signed() {
    key "$1"
    openssl req -new -key "$folder/$1.key" -subj "/CN=$1" |
        openssl x509 -req -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -days 7 -set_serial "0x$(openssl rand -hex 16)" \
            -extfile "$folder/extensions" -out "$folder/$1.pem" 2>/dev/null
}
key ca
openssl req -x509 -new -key "$folder/ca.key" -subj "/CN=first look" -days 7 -out "$folder/ca.pem"
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$folder/extensions"
signed server
for client in "$@"; do
    printf 'subjectAltName=URI:%s\n' "${client#*=}" >"$folder/extensions"
    signed "${client%%=*}"
done
rm "$folder/extensions"
