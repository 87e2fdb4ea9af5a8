import AWSCore
import TestSupport
import Testing

@testable import CurlTransport

/// A file of authorities that is of no use is refused when the transport is made, not at each connection.
@Suite struct AuthorityFileTests {
    private let home: TemporaryDirectory

    init() throws { home = try TemporaryDirectory() }

    private func message(_ path: String) -> String {
        do throws(TransportError) {
            let transport = try makeTransport(authority: path)
            transport.shutdown()
            return "taken"
        } catch {
            return error.code == .invalidRequest ? error.message : "\(error.code)"
        }
    }

    private static let block = "MIIBszCCAVmgAwIBAgIU\nAAAA\n"

    @Test(arguments: [
        "", "\n", "not a certificate\n", "-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nMIIB\n",
        "-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\n\(block)-----END PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE REQUEST-----\n\(block)-----END CERTIFICATE REQUEST-----\n",
        "-----END CERTIFICATE-----\n\(block)-----BEGIN CERTIFICATE-----\n", "\u{30}\u{82}\u{1}\u{1}",
    ])
    func aFileWithoutACertificateIsRefused(_ text: String) throws {
        let path = try home.write(text, to: "ca.pem")
        #expect(
            message(path) == "the certificate authority file \(path) holds no certificate: name a PEM file with "
                + "-----BEGIN CERTIFICATE----- in it")
    }

    @Test(arguments: ["CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"])
    func aFileWithOneIsTaken(_ label: String) throws {
        let path = try home.write(
            "# Corp\r\n-----BEGIN \(label)-----\r\n\(Self.block)-----END \(label)-----\r\n", to: "ca.pem")
        #expect(message(path) == "taken")
    }

    @Test func aFileThatCannotBeReadSaysWhy() {
        #expect(message("/nowhere/ca.pem").contains("/nowhere/ca.pem cannot be read (No such file or directory)"))
        #expect(message(home.path).contains("cannot be read (Is a directory)"))
    }
}
