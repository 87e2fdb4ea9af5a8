/// An error as CloudWatch answers it.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html#API_PutMetricData_Errors
public struct CloudWatchError: Error, Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// The error's name in `__type`.
    public var type: String
    /// The sentence in `message`.
    public var message: String

    /// An error.
    public init(_ status: Int, _ type: String, _ message: String) {
        self.status = status
        self.type = type
        self.message = message
    }

    /// The account asks too often.
    public static let throttling = CloudWatchError(400, "Throttling", "Rate exceeded")
    /// The same in the JSON protocol's words.
    public static let throttlingException = CloudWatchError(400, "ThrottlingException", "Rate exceeded")
    /// Something broke in the service.
    public static let internalFault = CloudWatchError(500, "InternalServiceFault", "Service fault")
    /// The service cannot answer now.
    public static let unavailable = CloudWatchError(
        503, "ServiceUnavailable", "Service is unable to handle request.")
    /// Temporary credentials are past their end.
    public static let expiredToken = CloudWatchError(
        403, "ExpiredToken", "The security token included in the request is expired")

    static func invalidValue(_ message: String) -> CloudWatchError {
        CloudWatchError(400, "InvalidParameterValueException", message)
    }

    static func invalidCombination(_ message: String) -> CloudWatchError {
        CloudWatchError(400, "InvalidParameterCombinationException", message)
    }

    static func missing(_ parameter: String) -> CloudWatchError {
        CloudWatchError(400, "MissingRequiredParameterException", "The parameter \(parameter) is required.")
    }

    static func serialization(_ message: String) -> CloudWatchError {
        CloudWatchError(400, "SerializationException", message)
    }
}
