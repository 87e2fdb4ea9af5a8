import AWSCore
import Foundation
import Testing

/// A request with the signature that an independent signer (botocore) made of it.
struct SignatureCase: Sendable, CustomTestStringConvertible {
    var name: String
    var method = "POST"
    var url: String
    var headers: [(String, String)]
    /// Base64.
    var body: String
    var keys: Credentials
    var region: String
    var service: String
    /// `20261123T231000Z`
    var date: String
    var signedHeaders: String
    var signature: String

    var testDescription: String { name }

    var request: HTTPRequest {
        HTTPRequest(
            method: method, url: url, headers: headers.map { HTTPHeader(name: $0.0, value: $0.1) },
            body: Array(Data(base64Encoded: body) ?? Data()))
    }

    var time: Timestamp? {
        let digits = Array(date)
        guard digits.count == 16 else { return nil }
        func text(_ range: Range<Int>) -> String { String(digits[range]) }
        let iso = "\(text(0..<4))-\(text(4..<6))-\(text(6..<8))T\(text(9..<11)):\(text(11..<13)):\(text(13..<15))Z"
        return Timestamp(iso8601: iso)
    }

    var expectedAuthorization: String {
        "AWS4-HMAC-SHA256 Credential=\(keys.accessKeyID)/\(date.prefix(8))/\(region)/\(service)/aws4_request, "
            + "SignedHeaders=\(signedHeaders), Signature=\(signature)"
    }

    static let few = [
        SignatureCase(
            name: "the query is sorted by name, then by value; an empty body",
            url: "http://127.0.0.1:4566/?b=2&a=1&a=0",
            headers: [
                ("Content-Type", "application/x-amz-json-1.0"), ("Host", "127.0.0.1:4566"),
                ("Content-Encoding", "gzip"),
            ],
            body: "",
            keys: Credentials(
                accessKeyID: "AKIAPJDH2G8XEMM4QLA4", secretAccessKey: "wCISuYCl0Xq56zaWR7PAmpBFXlNPHcSke4R1J/dB",
                sessionToken: nil),
            region: "cn-north-1", service: "sts", date: "20271204T175555Z",
            signedHeaders: "content-encoding;content-type;host;x-amz-date",
            signature: "52572cf3e320185dcff52776e6607c0affe0b7f2f43c767abdcb4b90d0425fc3"),
        SignatureCase(
            name: "a space in the path",
            url: "https://123456789012.ddb.eu-central-1.amazonaws.com/a b/c",
            headers: [
                ("Content-Type", "application/x-amz-json-1.0"), ("Host", "123456789012.ddb.eu-central-1.amazonaws.com"),
                ("X-Amz-Target", "GraniteServiceVersion20100801.PutMetricData"),
            ],
            body:
                "eyJUYWJsZU5hbWUiOiAiSzUzRFUwM1hOQyIsICJLZXkiOiB7IlBLIjogeyJTIjogIjVJSjM3XHU2NWU1XHU2NzJjIn19LCAiUmV0dXJuQ29uc3VtZWRDYXBhY2l0eSI6ICJUT1RBTCJ9",
            keys: Credentials(
                accessKeyID: "AKIA3YA5DLE9XU4C7S67", secretAccessKey: "vo3E4GEH/C+Hezg5xPtc+34HdjowEsgN2fOH+lvW",
                sessionToken: nil),
            region: "eu-central-1", service: "monitoring", date: "20280305T163227Z",
            signedHeaders: "content-type;host;x-amz-date;x-amz-target",
            signature: "6cb47967bdcb6975a57627d779e8ac16a393fec3b49bf2f9fb1b0e0a9c337561"),
        SignatureCase(
            name: "a gzip body of arbitrary bytes",
            url: "https://dynamodb.cn-north-1.amazonaws.com/",
            headers: [
                ("Content-Type", "application/x-amz-json-1.0"), ("Host", "dynamodb.cn-north-1.amazonaws.com"),
                ("X-Amz-Target", "DynamoDB_20120810.Query"), ("Content-Encoding", "gzip"),
            ],
            body:
                "JenXj8n3y/W2KTwXzChN40zYMnVL45efvMRtBQFW90hDU0U6IE9tquRdGpAYq0nZJjcTqvDNaRdb8P2andVqJdZQ6lykHtUUekeRf1eiVoZ8rNdy7SA8MHZWfNf++LplvCdac35BLt3Qeb/Suz+AtO60iU6TxRaAxKEzWJrBO0gqgvpzMCK08meU2Y6c9Q9rpv5iBj0=",
            keys: Credentials(
                accessKeyID: "AKIAC00L8MWDXGCI3QQ9", secretAccessKey: "Vohd8DmduiuSqlSpVV2EgPK4K27Bb48H9uIhqUUm",
                sessionToken: nil),
            region: "cn-north-1", service: "dynamodb", date: "20270326T132513Z",
            signedHeaders: "content-encoding;content-type;host;x-amz-date;x-amz-target",
            signature: "f59f631d342dec0790b98e76a391119733b8ed5c9890e87b76b7eaf6d425c5fd"),
        SignatureCase(
            name: "a session token; several path segments",
            url:
                "https://dynamodb.cn-north-1.amazonaws.com/service/GraniteServiceVersion20100801/operation/PutMetricData?Action=GetCallerIdentity&Version=2011-06-15",
            headers: [
                ("Content-Type", "application/x-amz-json-1.0"), ("Host", "dynamodb.cn-north-1.amazonaws.com"),
                ("X-Amz-Target", "DynamoDB_20120810.Query"),
            ],
            body: "SrXirXICEg==",
            keys: Credentials(
                accessKeyID: "AKIA56FBOR7HOKNI5F2Z", secretAccessKey: "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",
                sessionToken: "LXTDCTJ328VPPB2JY2FOERC8MQ8FT4SV3HBT13X9EX7SBPCAWRR5T48XMA9ITRZ/+="),
            region: "cn-north-1", service: "dynamodb", date: "20260404T080800Z",
            signedHeaders: "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
            signature: "cbf44026f43ad651a4ce1974e4fcc9236023c1a258db93349e15c3eebf9cad28"),
        SignatureCase(
            name: "an encoded path is encoded again; runs of spaces in a value become one",
            url: "http://127.0.0.1:4566/%E2%98%83/x?k=%20%2B~&empty=",
            headers: [
                ("Content-Type", "application/x-amz-json-1.0"), ("Host", "127.0.0.1:4566"),
                ("X-Amz-Target", "GraniteServiceVersion20100801.PutMetricData"), ("X-Amz-Meta", "  padded   value  "),
            ],
            body:
                "eyJUYWJsZU5hbWUiOiAiMUJDR084UkVGSzkiLCAiS2V5IjogeyJQSyI6IHsiUyI6ICJYNDRXTlZWNcOfIn19LCAiUmV0dXJuQ29uc3VtZWRDYXBhY2l0eSI6ICJUT1RBTCJ9",
            keys: Credentials(
                accessKeyID: "AKIAK0YDUZDUEO14QPC7", secretAccessKey: "7sFog16pAgTtpU4r16H1UrLqE9oNTJIyJEyFzfhb",
                sessionToken:
                    "5FO279S9K769QTYNTJ87R5M08H6AYB8C7Z8H5FKE830ZRP45IV147UGM0BQIBCMJOASUWP5G5H6QM71BY07K8N8N7N8IOWLUUMNMGIPIFQYG108IMZBGMWXH6V6ME4GBC964JMLHNLKSGDI3EGUZ316W1NXACML03XXZMKG6AUFZM6VQRHKZIV8X1LZNLEVT4GAWDORTVNZL8EY65NHZBHGPQ2Z6DMYAGQQRV98607G2E9CYKY4K58D150S7ZTX7S4R9SSBAP/+="
            ),
            region: "us-gov-west-1", service: "monitoring", date: "20280408T041339Z",
            signedHeaders: "content-type;host;x-amz-date;x-amz-meta;x-amz-security-token;x-amz-target",
            signature: "7536349ef0e88b6ec5dc7d650854296a31a1eec5ae9796b93ef6bf4f7ef52f54"),
    ]
}
