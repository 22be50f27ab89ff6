import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


# Orchestrator: a plain generator with one parameter, never async. Yield every durable call; no other effects.
@app.orchestration_trigger(context_name="context")
def greet_cities(context: df.DurableOrchestrationContext):
    greetings = []
    for city in context.get_input():
        greetings.append((yield context.call_activity("say_hello", city)))  # the name, not the function
    return greetings


# Activity: one parameter, may be async. Effects belong here.
@app.activity_trigger(input_name="city")
def say_hello(city: str) -> str:
    return f"Hello {city}!"


@app.route(route="greetings", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_greet_cities(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("greet_cities", client_input=req.get_json())
    return client.create_check_status_response(req, instance_id)
