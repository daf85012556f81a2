# Writes the files of this folder: python record.py . (with PyTorch 2.15.0 and NumPy 2.4.6)
import sys

import numpy as np
import torch

torch.manual_seed(0)
net=torch.nn.Sequential(torch.nn.Linear(2,2), torch.nn.BatchNorm1d(2))
opt=torch.optim.Adam(net.parameters(), lr=0.01)
net(torch.ones(2,2)).sum().backward(); opt.step()
base=torch.arange(6.).reshape(2,3)
state={"net":net.state_dict(),"opt":opt.state_dict(),"epoch":4,"name":"ü","ok":True,"loss":0.1,"none":None,
 "t":base.t(),"row":base[1],"h":torch.tensor([1,2],dtype=torch.float16),"b":torch.tensor([1.5],dtype=torch.bfloat16),
 "i":torch.tensor(-3),"u":torch.tensor([255],dtype=torch.uint8),"m":torch.tensor([True,False]),
 "z":torch.tensor([1+2j]),"e":torch.zeros(0,3),"p":torch.nn.Parameter(torch.tensor([7.])), "d":torch.float32}
out=sys.argv[1]
torch.save(state,out+"/state.pt")
torch.save(state,out+"/legacy.pt",_use_new_zipfile_serialization=False)
torch.save(net,out+"/module.pt")
a=np.arange(6,dtype=np.float32).reshape(2,3)
np.savez_compressed(out+"/arrays.npz", a=a, f=np.asfortranarray(a), big=a.astype('>f8'), s=np.int64(-5), m=np.array([True,False]), z=np.array([1+2j]), e=np.zeros((0,3),np.float16))
np.save(out+"/object.npy", np.array([{}],dtype=object), allow_pickle=True)
np.save(out+"/one.npy", np.array([1,2,3],dtype=np.int16))
with open(out+"/v2.npy","wb") as f: np.lib.format.write_array(f,a,version=(2,0))
print(torch.__version__, np.__version__)
